# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Completion of rdma-ns for bash.

_rdma_ns_ports()
{
	local folder
	for folder in /sys/class/infiniband/*/ports/*; do
		[[ -d $folder ]] || continue
		folder=${folder#/sys/class/infiniband/}
		echo "${folder/\/ports\//\/}"
	done
}

_rdma_ns()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' words i
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }
	done
	COMPREPLY=()
	if [[ -n $command && exec == "$command"* ]]; then
		case $previous in
		--policy | -p) words="report verify strict" ;;
		--log | -l) compopt -o default; return ;;
		*)
			if [[ $current == -* ]]; then
				words="--policy --log --json"
			else
				mapfile -t COMPREPLY < <(compgen -c -- "$current")
				return
			fi
			;;
		esac
	elif [[ $current == -* ]]; then
		words="--all --batch --json --no-headings --help --version"
	elif [[ -z $command ]]; then
		words="audit exec features help netdevs resolve show"
	elif [[ netdevs == "$command"* ]]; then
		words=$(_rdma_ns_ports)
	elif [[ resolve == "$command"* ]]; then
		case $previous in
		dev) words=$(_rdma_ns_ports) ;;
		ps) words="tcp udp" ;;
		policy) words="report verify strict" ;;
		from | pkey | qpn | gid | vlan | port) return ;;
		listener) words=any ;;
		"$command") return ;;
		*) words="from dev pkey qpn gid vlan port ps policy listener" ;;
		esac
	else
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _rdma_ns rdma-ns

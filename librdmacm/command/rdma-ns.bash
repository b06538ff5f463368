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

_rdma_ns_netdevs()
{
	local folder
	for folder in /sys/class/net/*; do
		echo "${folder##*/}"
	done
}

_rdma_ns_netnses()
{
	local file
	for file in /run/netns/*; do
		[[ ! -e $file ]] || echo "${file##*/}"
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
				words="--policy --log --json --help"
			else
				mapfile -t COMPREPLY < <(compgen -c -- "$current")
				return
			fi
			;;
		esac
	elif [[ -n $command && (ping == "$command"* || listen == "$command"*) ]]; then
		case $previous in
		--policy | -P) words="report verify strict" ;;
		--netdev | -I) words=$(_rdma_ns_netdevs) ;;
		--netns | -N) words=$(_rdma_ns_netnses) ;;
		--count | -c | --interval | -i | --size | -s | --timeout | -W | --port | -p) return ;;
		*)
			words="--count --port --netdev --netns --policy --udp --json --quiet --help"
			if [[ ping == "$command"* ]]; then
				words+=" --interval --size --timeout"
			else
				words+=" --once any"
			fi
			;;
		esac
	elif [[ $current == -* && -n $command && audit == "$command"* ]]; then
		words="--all --json --no-headings --openmetrics --help"
	elif [[ $current == -* ]]; then
		words="--all --batch --json --no-headings --help --version"
	elif [[ -z $command ]]; then
		words="audit exec features help listen netdevs ping resolve show"
	elif [[ netdevs == "$command"* ]]; then
		words=$(_rdma_ns_ports)
	elif [[ resolve == "$command"* ]]; then
		case $previous in
		dev) words=$(_rdma_ns_ports) ;;
		ps) words="tcp udp" ;;
		policy) words="report verify strict" ;;
		from | pkey | qpn | gid | vlan | port | sport) return ;;
		listener) words=any ;;
		"$command") return ;;
		*) words="from dev pkey qpn gid vlan port sport ps policy listener" ;;
		esac
	else
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _rdma_ns rdma-ns

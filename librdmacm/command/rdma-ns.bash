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

# A tenant chooses some of these names, and compgen -W would run what they hold.
_rdma_ns_offer() # WORD...
{
	local word
	for word; do
		[[ $word != "$current"* ]] || COMPREPLY+=("$(printf %q "$word")")
	done
}

# Called by _rdma_ns, whose $current and $previous it uses, and whose $words it sets. "exec" is word number AT.
# The words after its program are for that program to complete.
_rdma_ns_exec() # AT
{
	local at completer
	for ((at = $1 + 1; at < COMP_CWORD; at++)); do
		case ${COMP_WORDS[at]} in
		--) ((++at)); break ;;
		--policy | -p | --log | -l) [[ ${COMP_WORDS[++at]} != = ]] || ((++at)) ;;
		-*) ;;
		*) break ;;
		esac
	done
	if ((at < COMP_CWORD)); then
		# What bash-completion calls for the words after "sudo" or "env".
		for completer in _comp_command_offset _command_offset; do
			declare -F $completer >/dev/null || continue
			$completer $at
			return
		done
		compopt -o default
		return
	fi
	case $previous in
	--policy | -p) words="report verify strict" ;;
	--log | -l) compopt -o default; return ;;
	*)
		words="--policy --log --json --help"
		if [[ $current != -* || $previous == -- ]]; then
			words=
			mapfile -t COMPREPLY < <(compgen -c -- "$current")
		fi
		;;
	esac
}

_rdma_ns()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' names=() i
	# Bash makes a word of its own of the sign in --OPTION=VALUE.
	[[ $current != = ]] || current=
	[[ $previous != = ]] || previous=${COMP_WORDS[COMP_CWORD - 2]}
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--batch | -b) [[ ${COMP_WORDS[++i]-} != = ]] || ((++i)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	if [[ -z $command && ($previous == -b || $previous == --batch) ]]; then
		compopt -o default
	elif [[ -n $command && exec == "$command"* ]]; then
		_rdma_ns_exec "$i"
	elif [[ -n $command && doctor == "$command"* ]]; then
		case $previous in
		--netns | -N) mapfile -t names < <(_rdma_ns_netnses) ;;
		*) words="--netns --json --help" ;;
		esac
	elif [[ -n $command && hook == "$command"* ]]; then
		case $previous in
		--config | -c | --log | -l) compopt -o default ;;
		--network | -n) ;;
		*) words="--config --log --network --release-ended --help" ;;
		esac
	elif [[ -n $command && (ping == "$command"* || listen == "$command"*) ]]; then
		case $previous in
		--policy | -P) words="report verify strict" ;;
		--netdev | -I) mapfile -t names < <(_rdma_ns_netdevs) ;;
		--netns | -N) mapfile -t names < <(_rdma_ns_netnses) ;;
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
	elif [[ -n $command && monitor == "$command"* ]]; then
		case $previous in
		--netdev | -I) mapfile -t names < <(_rdma_ns_netdevs) ;;
		--netns | -N) mapfile -t names < <(_rdma_ns_netnses) ;;
		--verdict | -v) words="accept flagged reject" ;;
		--address | -a | --count | -c | --interval | -i | --rate | -r) return ;;
		*)
			words="--all --netns --netdev --address --verdict --count --interval --rate --timestamp --json --help"
			[[ $current == -* ]] || words="netdevs collisions resolutions"
			;;
		esac
	elif [[ $current == -* && -n $command && audit == "$command"* ]]; then
		words="--all --json --no-headings --openmetrics --help"
	elif [[ $current == -* ]]; then
		words="--all --batch --json --no-headings --help --version"
	elif [[ -z $command ]]; then
		words="audit cni doctor exec features help hook listen monitor netdevs ping resolve show"
	elif [[ netdevs == "$command"* ]]; then
		mapfile -t names < <(_rdma_ns_ports)
	elif [[ resolve == "$command"* ]]; then
		case $previous in
		dev) mapfile -t names < <(_rdma_ns_ports) ;;
		ps) words="tcp udp" ;;
		policy) words="report verify strict" ;;
		from | pkey | qpn | gid | vlan | port | sport) return ;;
		listener) words=any ;;
		"$command") return ;;
		*) words="from dev pkey qpn gid vlan port sport ps policy listener" ;;
		esac
	fi
	# shellcheck disable=SC2086
	_rdma_ns_offer $words "${names[@]}"
}

complete -F _rdma_ns rdma-ns

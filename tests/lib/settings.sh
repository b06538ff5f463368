# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced after tap.sh by tests that change the settings of the rdma_cm that is loaded, or look at what it has counted:
# the extended one has module parameters, and that of kernel/series sysctls, which are each network namespace's, and no
# counters.
#
#   settings_series                it is that of kernel/series
#   settings_policy NAME           the host's: report, verify or strict; without NAME, print it
#   settings_send_qpn Y|N          the host's, or of all the namespaces that ip-netns knows
#   settings_own_qp Y|N            without a word, print it
#   settings_heed_qpn Y|N          whether the QPN in a request decides
#   settings_reset                 all as they are at first
#   settings_explain Y|N           whether refused peers are told the reason. That of kernel/series never does so
#   settings_refusal NUMBER [UNREACHABLE]   for scripts of tests that have refusals explained: how a connect ends that is
#                                  refused for reason NUMBER; with UNREACHABLE, one for a datagram service
#   settings_counter NAME WORDS    of retries or foreign_qps: the number behind WORDS
#   settings_watch                 before settings_requests: that of kernel/series counts nothing, and is watched
#   settings_requests [VERDICT WHAT]   all as /sys/module/rdma_cm/parameters/requests tells it, or the number behind
#                                  "accepted qpn", "refused route", ... Over iWARP, what a listener does not take
#                                  counts as accepted with that of kernel/series
#   settings_waiting               how many refused requests have begun to wait to be sent again; after settings_watch
#   tap_counted CHECK NAME ...     like "CHECK NAME ...", such as tap_equal, where there are retries and foreign_qps:
#                                  elsewhere skipped
#
# Set the settings anew for namespaces that are made later.

settings_parameters=/sys/module/rdma_cm/parameters
settings_sysctls=/proc/sys/net/rdma_cm
settings_tracing=/sys/kernel/tracing
settings_reasons="qpn_unknown unresolved ambiguous no_qpn route handling_differs no_listener bound_elsewhere pkey_differs"
settings_reasons+=" malformed not_taken"
settings_policies=(report verify strict)

settings_series() { [[ -e $settings_sysctls/policy ]]; }

settings_policy() # [NAME]
{
	local number
	if ! settings_series; then
		if (($#)); then
			echo "$1" >"$settings_parameters/policy"
		else
			cat "$settings_parameters/policy"
		fi
		return
	fi
	if ((!$#)); then
		echo "${settings_policies[$(<"$settings_sysctls/policy")]}"
		return
	fi
	for number in "${!settings_policies[@]}"; do
		[[ ${settings_policies[number]} != "$1" ]] || set -- "$number"
	done
	echo "$1" >"$settings_sysctls/policy"
}

settings_send_qpn() # Y|N
{
	local netns value=1
	if ! settings_series; then
		echo "$1" >"$settings_parameters/send_qpn"
		return
	fi
	[[ $1 == Y ]] || value=0
	echo $value >"$settings_sysctls/send_qpn"
	while read -r netns _; do
		ip netns exec "$netns" sysctl -qw net.rdma_cm.send_qpn=$value
	done < <(ip netns list)
}

settings_own_qp() # [Y|N]
{
	if ! settings_series; then
		if (($#)); then
			echo "$1" >"$settings_parameters/own_qp"
		else
			cat "$settings_parameters/own_qp"
		fi
		return
	fi
	# Other network namespaces have none.
	[[ -e $settings_sysctls/own_qp ]] || return
	case ${1-} in
	Y) echo 1 >"$settings_sysctls/own_qp" ;;
	N) echo 0 >"$settings_sysctls/own_qp" ;;
	*) tr 01 NY <"$settings_sysctls/own_qp" ;;
	esac
}

settings_heed_qpn() # Y|N
{
	if settings_series; then
		# Before the step that adds it there is none.
		[[ ! -e $settings_sysctls/heed_qpn ]] || tr NY 01 <<<"$1" >"$settings_sysctls/heed_qpn"
	else
		echo "$1" >"$settings_parameters/heed_qpn"
	fi
}

settings_reset()
{
	settings_policy report
	settings_send_qpn Y
	settings_own_qp Y
	settings_heed_qpn Y
	if settings_series; then
		[[ ! -e $settings_tracing/events/rdma_cma ]] || echo 0 >"$settings_tracing/events/rdma_cma/enable"
	fi
	settings_explain N
}

settings_explain()
{
	settings_series || echo "$1" >"$settings_parameters/explain_refusals"
}

settings_refusal() # NUMBER [EVENT]
{
	local event=${2:-REJECTED}
	if ! settings_series || [[ $1 != [89] ]]; then
		settings_series && set -- 11
		echo "RDMA_CM_EVENT_$event reason $1"
	elif [[ $event == REJECTED ]]; then
		echo "RDMA_CM_EVENT_REJECTED 8"
	else
		echo "RDMA_CM_EVENT_UNREACHABLE 1"
	fi
}

settings_watch()
{
	settings_series || return 0
	mountpoint -q "$settings_tracing" || mount -t tracefs tracefs "$settings_tracing"
	echo >"$settings_tracing/trace"
	echo 1 >"$settings_tracing/events/rdma_cma/cm_req_ingress/enable"
}

# shellcheck disable=SC2120
settings_requests() # [VERDICT WHAT]
{
	if (($#)); then
		settings_requests | sed -n "s/^$1 $2 //p"
	elif settings_series; then
		awk -v accepted="af_ib qpn gid vlan tcp address ambiguous" -v refused="$settings_reasons" '
			match($0, / refusal=.*/) {
				what = "refused " substr($0, RSTART + 9)
				if (what == "refused none" && match($0, / decided_by=[^ ]*/))
					what = "accepted " substr($0, RSTART + 12, RLENGTH - 12)
				if (what == "accepted nothing")
					what = "accepted af_ib"
				number[what]++
			}
			END {
				count = split(accepted, words)
				for (i = 1; i <= count; i++) print "accepted", words[i], number["accepted " words[i]] + 0
				count = split(refused, words)
				for (i = 1; i <= count; i++) print "refused", words[i], number["refused " words[i]] + 0
			}' "$settings_tracing/trace"
	else
		cat "$settings_parameters/requests"
	fi
}

settings_counter() # NAME WORDS
{
	settings_series || sed -n "s/^$2 //p" "$settings_parameters/$1"
}

settings_waiting()
{
	if settings_series; then
		settings_requests | awk '$1 == "refused" { sum += $3 } END { print sum }'
	else
		settings_counter retries refused
	fi
}

tap_counted() # CHECK NAME ...
{
	if settings_series; then
		tap_skip "$2" "the rdma_cm of kernel/series counts nothing"
	else
		"$@"
	fi
}

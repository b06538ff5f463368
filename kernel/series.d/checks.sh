# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by kernel/series: what is checked of the patches. Each calls fault() for what is wrong.
#   check_style    checkpatch has nothing to say of any patch that is not explained
#   check_am       the patches, applied to the base, give the same trees
#   check_builds   every step builds and adds no warning

# What checkpatch says of a step, but for the kinds of messages that its file "checkpatch" explains: "KIND REASON".
check_style()
{
	local script=$linux/scripts/checkpatch.pl patch step words line kind count=0 explained=0 options=()
	[[ -e $script ]] || {
		echo "checkpatch: not run, because $source has no scripts/checkpatch.pl"
		return
	}
	# The commits that messages name are only in a clone.
	((cloned)) || options=(--ignore UNKNOWN_COMMIT_ID)
	while read -r patch step; do
		count=$((count + 1))
		words=$(cd -- "$linux" && perl "$script" --no-tree --strict --terse --show-types --no-summary \
			"${options[@]}" "$patch" 2>&1) || [[ -n $words ]] || words="checkpatch ends with an error"
		while IFS= read -r line; do
			kind=$(sed -nE 's/^[^ ]* (ERROR|WARNING|CHECK):([A-Z_]+): .*/\2/p' <<<"$line")
			if [[ -z $line ]]; then
				continue
			elif [[ -n $kind && -e $step/checkpatch ]] && grep -q "^$kind " "$step/checkpatch"; then
				explained=$((explained + 1))
			else
				fault "checkpatch: ${line//"$output/patches/"/}"
			fi
		done <<<"$words"
	done <"$scratch/patches"
	echo "checkpatch: $count patches, $explained messages that are explained"
}

check_am()
{
	local before name patches tree=$output/tree
	repository_git worktree add --quiet --detach "$tree" "$base_commit"
	while read -r before name; do
		mapfile -t patches < <(printf '%s\n' "$output/patches/$name"/*.patch | grep -v '/0000-[^/]*$')
		git -C "$tree" am --quiet -- "${patches[@]}" >"$scratch/am" 2>&1 || {
			git -C "$tree" am --abort 2>/dev/null || true
			fault "git am: the patches of $name do not apply: $(head -n 1 "$scratch/am")"
			break
		}
		[[ $(git -C "$tree" rev-parse 'HEAD^{tree}') == "$(repository_git rev-parse "$name^{tree}")" ]] ||
			fault "git am: the patches of $name give another tree"
	done < <(repository_sets)
	repository_git worktree remove --force "$tree"
	echo "git am: applied"
}

# Warnings without their lines' numbers, which change, and without what goes with a warning.
check_warnings()
{
	grep -E '(warning|error):' "$1" | sed -E "s#^[^ ]*/(drivers/infiniband/[^:]*):[0-9:]+#\1#" | sort || true
}

# Of ib_core's folder, rdma_cm, rdma_ucm and ib_cm are built, and of the rest only what a step changes; but all of it if
# what ib_core tells other modules changes, since they load only with the ib_core that they were built with.
check_write_kbuild()
{
	local others
	if [[ -n $(repository_git diff --name-only "$base_commit" "$repository_last" -- include/rdma/ib_verbs.h) ]]; then
		printf '%s\n' "include \$(src)/Makefile" "obj-y :=" "obj-m := ${check_core[*]/%/.o}" \
			>"$tree/drivers/infiniband/core/Kbuild"
		check_modules=("${check_core[@]/#/core/}" ulp/ipoib/ib_ipoib)
		return
	fi
	others=$(repository_git diff --name-only "$base_commit" "$repository_last" -- 'drivers/infiniband/core/*.c' |
		sed -E 's#.*/(.*)c$#\1o#; /^u?cma/d; /^cm\.o$/d' | paste -sd ' ')
	cat >"$tree/drivers/infiniband/core/Kbuild" <<-END
		include \$(src)/Makefile
		obj-y :=
		obj-m := ib_cm.o rdma_cm.o rdma_ucm.o
		always-y := $others
	END
}

check_core=(ib_core ib_cm iw_cm ib_umad ib_uverbs rdma_cm rdma_ucm)
check_modules=(core/ib_cm core/rdma_cm core/rdma_ucm ulp/ipoib/ib_ipoib)

strict=(W=1)
! command -v sparse >/dev/null || strict+=(C=1 CHECK=sparse)

# What sparse calls an error does not end a build, so the last one before make gave up is the reason.
check_error() # BUILD-LOG
{
	sed '/\*\*\*/q' "$1" | grep -E 'error:|\*\*\*|ERROR' | tail -n 2 | head -n 1
}

check_build() # WHAT MAKE-ARGUMENT...; its warnings go into $scratch/warnings
{
	local folder
	: >"$scratch/build"
	for folder in core ulp/ipoib; do
		# The headers' own come after those of the commit.
		kbuild_make "$headers" -s -j"$(nproc)" M="$tree/drivers/infiniband/$folder" "${@:2}" \
			NOSTDINC_FLAGS="-nostdinc -I$tree/include -I$tree/include/uapi" \
			KBUILD_EXTRA_SYMBOLS="$([[ $folder == core ]] || echo "$tree/drivers/infiniband/core/Module.symvers")" \
			modules >>"$scratch/build" 2>&1 || {
			fault "$1 does not build: $(check_error "$scratch/build")"
			return 1
		}
	done
	check_warnings "$scratch/build" >"$scratch/warnings"
}

# Such as 05-b-no-functional-change-1-weakness
check_step() # NUMBER
{
	local step
	step=$(sed -n "$1s/^[^ ]* //p" "$scratch/patches")
	printf '%02d-%s-%s\n' "$1" "$(basename -- "${step%/*}")" "${step##*/}"
}

check_keep() # FOLDER
{
	local name
	mkdir -p -- "$1"
	for name in "${check_modules[@]}"; do
		strip --strip-debug -o "$1/${name##*/}.ko" "$tree/drivers/infiniband/$name.ko"
	done
}

# Objects are kept from step to step, so only what a step has changed is built again.
check_build_steps()
{
	local commit name new count=0
	if ((last)); then
		git -C "$tree" checkout --quiet --detach "$repository_last"
		check_build "the last step" || return 0
	else
		command -v sparse >/dev/null || echo "sparse: not run, because there is none: install the package sparse"
		check_build "the unchanged source" "${strict[@]}" || return 0
		mv -- "$scratch/warnings" "$scratch/warnings.before"
		while read -r commit name; do
			git -C "$tree" checkout --quiet --detach "$commit"
			name+=" at $(git -C "$tree" log -1 --format='%h (%s)')"
			check_build "$name" "${strict[@]}" || return 0
			new=$(comm -13 "$scratch/warnings.before" "$scratch/warnings")
			[[ -z $new ]] || fault "$name has a new warning: $new"
			count=$((count + 1))
			((!each)) || check_keep "$output/steps/$(check_step "$count")"
		done <"$scratch/commits"
		echo "build: $count steps"
	fi
	check_keep "$output/modules"
}

check_builds()
{
	local tree=$output/tree
	kbuild_check_path "$output"
	repository_git worktree add --quiet --detach "$tree" "$base_commit"
	check_write_kbuild
	check_build_steps
	repository_git worktree remove --force "$tree"
}

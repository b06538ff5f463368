// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>

#include "netns_output.h"

enum { INODE, FILE_NAME, ENGINE, CONTAINER, POD, USER, PID, COMMAND, COLUMNS };

static const struct output_column columns[] = {
	[INODE] = { "netns_inode", OUTPUT_NUMBER },
	[FILE_NAME] = { "netns_name", OUTPUT_TEXT },
	[ENGINE] = { "netns_engine", OUTPUT_TEXT },
	[CONTAINER] = { "netns_container", OUTPUT_TEXT },
	[POD] = { "netns_pod", OUTPUT_TEXT },
	[USER] = { "netns_user", OUTPUT_NUMBER },
	[PID] = { "netns_pid", OUTPUT_NUMBER },
	[COMMAND] = { "netns_command", OUTPUT_TEXT },
};

void netns_output_begin(struct output *output, const struct options *options)
{
	if (options->json)
		output->netns_columns = output_add_columns(output, columns, COLUMNS);
}

void netns_output_cells(struct output *output, size_t column, const struct namespace *namespace)
{
	const struct namespace_leader *leader = &namespace->leader;
	const struct container *container = &leader->container;
	const size_t first = output->netns_columns;

	output_cell(output, column, "%s", namespace->name);
	if (!first)
		return;
	output_cell(output, first + INODE, "%" PRIu64, namespace->inode);
	if (namespace->named)
		output_cell(output, first + FILE_NAME, "%s",
			    namespace->found_name ? namespace->found_name : namespace->name);
	if (container->engine) {
		output_name(output, first + ENGINE, container->engine);
		output_name(output, first + CONTAINER, container->id);
		output_name(output, first + POD, container->pod);
	}
	if (container->user)
		output_cell(output, first + USER, "%u", container->user);
	if (leader->pid)
		output_cell(output, first + PID, "%d", leader->pid);
	output_name(output, first + COMMAND, leader->command);
}

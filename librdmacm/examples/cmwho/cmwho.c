// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdio.h>

#include "cmwho.h"

int main(int argc, char **argv)
{
	struct cmwho_options options;
	char error[256];
	int status = CMWHO_EXIT_OK;

	switch (cmwho_parse(argc, argv, &options, error, sizeof(error))) {
	case CMWHO_PARSED_HELP:
		cmwho_usage();
		break;
	case CMWHO_PARSED_ERROR:
		fprintf(stderr, "cmwho: %s; see 'cmwho --help'\n", error);
		return CMWHO_EXIT_USAGE;
	case CMWHO_PARSED_RUN:
		/* Scripts wait for single lines. */
		setvbuf(stdout, NULL, _IOLBF, 0);
		cmwho_catch_signals();
		status = options.command == CMWHO_LISTEN ? cmwho_listen(&options) :
							   cmwho_connect(&options);
		break;
	}
	if (fflush(stdout) || ferror(stdout)) {
		perror("cmwho: standard output");
		return CMWHO_EXIT_FAILED;
	}
	return status;
}

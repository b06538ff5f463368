// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What the extended kernel has refused. Stock kernels count nothing. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "doctor_counts.h"
#include "kernel_counters.h"

/* Returns an errno; @counts is "" if nothing was refused. */
static int read_counts(const char *path, const char *prefix, char counts[DOCTOR_COUNTS_MAX])
{
	FILE *file = fopen(path, "re");
	int error = 0;

	if (!file)
		return errno;
	errno = 0;
	if (!doctor_counts(file, prefix, counts))
		error = errno ? errno : ENODATA;
	fclose(file);
	return error;
}

static void check_requests(struct doctor *doctor)
{
	char counts[DOCTOR_COUNTS_MAX], policy[KERNEL_WORD_MAX];
	const int error = read_counts(KERNEL_COUNTERS_FOLDER "requests", "refused ", counts);

	/* A container never may. What is there could only be a hint, and so nothing is missed. */
	if (error == EPERM || error == EACCES) {
		doctor_hint(doctor, "unseen_counters",
			    "what the extended kernel has refused is shown to the host's root alone: "
			    "run 'rdma-ns doctor' on the host as well");
		return;
	}
	if (error) {
		doctor_unseen(doctor, "what the extended kernel has refused (%s): run it as root on "
			      "the host", strerror(error));
		return;
	}
	if (!*counts)
		return;
	doctor_hint(
		doctor, "refused",
		"the extended kernel has refused requests under policy %s (%s): 'rdma-ns monitor -A -v "
		"reject resolutions' on the host tells each, and why it was refused; 'rdma-ns resolve' "
		"says what becomes of a request",
		kernel_policy(policy) ? policy : "report", counts);
}

static void check_foreign(struct doctor *doctor)
{
	char counts[DOCTOR_COUNTS_MAX];

	if (read_counts(KERNEL_COUNTERS_FOLDER "foreign_qps", "", counts) || !*counts)
		return;
	doctor_hint(
		doctor, "foreign_qps",
		"processes named QPs that are not theirs, and the extended kernel has refused that with "
		"EPERM (%s): WHOSE QP in rdma-ns-kernel(8) has the programs that do so honestly, and "
		"what to do",
		counts);
}

/* Each of these takes something away from the protection. */
static void check_settings(struct doctor *doctor)
{
	static const struct {
		const char *name;
		bool usual;
		const char *effect;
	} settings[] = {
		{ "heed_qpn", true,
		  "whoever takes the address of another container gets its requests, unless the policy "
		  "refuses them" },
		{ "send_qpn", true,
		  "peers cannot tell for which netdev the requests of this host are" },
		{ "own_qp", true,
		  "any container can end the connections of others on its HCA" },
		{ "explain_refusals", false,
		  "peers can list the QPNs and addresses of all containers" },
	};
	bool on;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const char usual = settings[i].usual ? 'Y' : 'N';

		if (!kernel_setting(settings[i].name, &on) || on == settings[i].usual)
			continue;
		doctor_hint(doctor, settings[i].name,
			    "the extended kernel has %s=%c, so that %s: if that is not wanted any more, "
			    "'echo %c >" KERNEL_COUNTERS_FOLDER "%s' on the host, and look into "
			    "/etc/modprobe.d",
			    settings[i].name, on ? 'Y' : 'N', settings[i].effect, usual,
			    settings[i].name);
	}
}

void doctor_check_kernel(struct doctor *doctor)
{
	if (doctor->features.rdma_cm_errno || doctor->features.level != RDMA_NS_LEVEL_KERNEL)
		return;
	if (!doctor->features.ipoib)
		doctor_hint(doctor, "stock_ipoib", "%s", cause_of_stock_ipoib);
	check_settings(doctor);
	check_requests(doctor);
	check_foreign(doctor);
}

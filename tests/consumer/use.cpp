// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <iostream>
#include <rdma/rdma_ns.h>

int main()
{
	struct rdma_ns_id_opts options = {};

	std::cout << rdma_ns_policy_str(RDMA_NS_POLICY_STRICT) << std::endl;
	return options.size != 0;
}

# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The C structures, member by member as the headers have them. Programs use rdma_ns.records."""
import ctypes
from ctypes import (
    POINTER,
    Union,
    c_char,
    c_char_p,
    c_int,
    c_int32,
    c_size_t,
    c_uint,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)

from .checks import Structure

DEVICE_NAME_MAX = 64
NETDEV_NAME_MAX = 16
REASONS_MAX = 32
REQUEST_GID = 1
REQUEST_QPN = 2
REQUEST_VLAN = 4
ID_NETNS_FD = 1

# What the C compiler takes for an enum that has no negative member.
c_enum = c_uint


class sockaddr_storage(Structure):
    # Its alignment is that of the widest integer.
    _fields_ = [("ss_family", c_uint16), ("data", c_char * 118), ("align", c_uint64)]


class rdma_ns_address(Structure):
    _fields_ = [
        ("family", c_uint16),
        ("prefix_length", c_uint8),
        ("unusable", c_uint8),
        ("bytes", c_uint8 * 16),
    ]


class ibv_gid(Union):
    _fields_ = [("raw", c_uint8 * 16), ("align", c_uint64 * 2)]


class rdma_ns_netdev(Structure):
    _fields_ = [
        ("device", c_char * DEVICE_NAME_MAX),
        ("port", c_uint32),
        ("transport", c_enum),
        ("ifindex", c_uint32),
        ("name", c_char * NETDEV_NAME_MAX),
        ("kind", c_char * 16),
        ("netns", c_uint64),
        ("master", c_uint32),
        ("qpn", c_uint32),
        ("pkey", c_uint16),
        ("vlan", c_uint16),
        ("gid", ibv_gid),
        ("up", c_uint8),
        ("addresses_count", c_size_t),
        ("addresses", POINTER(rdma_ns_address)),
    ]


class rdma_ns_listener(Structure):
    _fields_ = [
        ("address", sockaddr_storage),
        ("port_space", c_enum),
        ("ifindex", c_uint32),
        ("policy", c_enum),
        ("afonly", c_uint8),
    ]


class rdma_ns_request(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("flags", c_uint32),
        ("device", c_char * DEVICE_NAME_MAX),
        ("port", c_uint32),
        ("pkey", c_uint16),
        ("vlan", c_uint16),
        ("qpn", c_uint32),
        ("peer_qpn", c_uint32),
        ("gid", ibv_gid),
        ("source", sockaddr_storage),
        ("destination", sockaddr_storage),
        ("port_space", c_enum),
        ("policy", c_enum),
        ("listeners", POINTER(rdma_ns_listener)),
        ("listeners_count", c_size_t),
        ("listener_size", c_size_t),
    ]


class rdma_ns_ingress(Structure):
    _fields_ = [
        ("ifindex", c_uint32),
        ("name", c_char * NETDEV_NAME_MAX),
        ("port_ifindex", c_uint32),
        ("vrf_ifindex", c_uint32),
        ("netns", c_uint64),
        ("handling_ifindex", c_uint32),
        ("handling_name", c_char * NETDEV_NAME_MAX),
        ("device", c_char * DEVICE_NAME_MAX),
        ("port", c_uint32),
        ("transport", c_enum),
        ("pkey", c_uint16),
        ("vlan", c_uint16),
        ("local_qpn", c_uint32),
        ("peer_qpn", c_uint32),
        ("wanted_qpn", c_uint32),
        ("candidates", c_uint32),
        ("decided_by", c_enum),
        ("route", c_enum),
        ("route_errno", c_int),
        ("rule", c_enum),
        ("decider", c_enum),
        ("reserved", c_uint32 * 16),
    ]


class rdma_ns_resolution(Structure):
    _fields_ = [
        ("ingress", rdma_ns_ingress),
        ("verdict", c_enum),
        ("reason", c_enum),
        ("policy", c_enum),
        ("listener", c_int32),
    ]


class rdma_ns_features(Structure):
    _fields_ = [
        ("level", c_enum),
        ("netns_mode", c_enum),
        ("devices", c_uint32),
        ("ports", c_uint32),
        ("rdma_cm_errno", c_int),
        ("ipoib", c_uint8),
    ]


class rdma_ns_id_opts(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("flags", c_uint32),
        ("netns_fd", c_int),
        ("ifindex", c_uint32),
        ("policy", c_enum),
        ("netdev", c_char_p),
    ]


class rdma_ns_id_info(Structure):
    _fields_ = [
        ("netns", c_uint64),
        ("ifindex", c_uint32),
        ("netdev", c_char * NETDEV_NAME_MAX),
        ("policy", c_enum),
        ("listening", c_uint8),
    ]


class rdma_ns_exchange(Structure):
    _fields_ = [
        ("sent", c_enum),
        ("received", c_uint8),
        ("local_qpn", c_uint32),
        ("wanted_qpn", c_uint32),
        ("peer_qpn", c_uint32),
        ("answer", c_enum),
        ("refusal", c_enum),
        ("reserved", c_uint32 * 8),
    ]


class rdma_ns_observation(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("what", c_enum),
        ("port_space", c_enum),
        ("id", c_void_p),
        ("listener", c_void_p),
        ("local", sockaddr_storage),
        ("peer", sockaddr_storage),
        ("resolution", POINTER(rdma_ns_resolution)),
        ("resolution_size", c_size_t),
        ("exchange", POINTER(rdma_ns_exchange)),
        ("exchange_size", c_size_t),
        ("ignored", c_char_p),
        ("status", c_int),
    ]


class rdma_ns_statistics(Structure):
    _fields_ = [
        ("accepted", c_uint64),
        ("flagged", c_uint64),
        ("refused", c_uint64),
        ("reasons", c_uint64 * REASONS_MAX),
    ]


observer_t = ctypes.CFUNCTYPE(None, POINTER(rdma_ns_observation), c_void_p)


# What is needed of librdmacm and libibverbs.
class ibv_qp_cap(Structure):
    _fields_ = [
        ("max_send_wr", c_uint32),
        ("max_recv_wr", c_uint32),
        ("max_send_sge", c_uint32),
        ("max_recv_sge", c_uint32),
        ("max_inline_data", c_uint32),
    ]


class ibv_qp_init_attr(Structure):
    _fields_ = [
        ("qp_context", c_void_p),
        ("send_cq", c_void_p),
        ("recv_cq", c_void_p),
        ("srq", c_void_p),
        ("cap", ibv_qp_cap),
        ("qp_type", c_enum),
        ("sq_sig_all", c_int),
    ]


class ibv_global_route(Structure):
    _fields_ = [
        ("dgid", ibv_gid),
        ("flow_label", c_uint32),
        ("sgid_index", c_uint8),
        ("hop_limit", c_uint8),
        ("traffic_class", c_uint8),
    ]


class ibv_ah_attr(Structure):
    _fields_ = [
        ("grh", ibv_global_route),
        ("dlid", c_uint16),
        ("sl", c_uint8),
        ("src_path_bits", c_uint8),
        ("static_rate", c_uint8),
        ("is_global", c_uint8),
        ("port_num", c_uint8),
    ]


class ibv_qp_attr(Structure):
    _fields_ = [
        ("qp_state", c_enum),
        ("cur_qp_state", c_enum),
        ("path_mtu", c_enum),
        ("path_mig_state", c_enum),
        ("qkey", c_uint32),
        ("rq_psn", c_uint32),
        ("sq_psn", c_uint32),
        ("dest_qp_num", c_uint32),
        ("qp_access_flags", c_uint),
        ("cap", ibv_qp_cap),
        ("ah_attr", ibv_ah_attr),
        ("alt_ah_attr", ibv_ah_attr),
        ("pkey_index", c_uint16),
        ("alt_pkey_index", c_uint16),
        ("en_sqd_async_notify", c_uint8),
        ("sq_draining", c_uint8),
        ("max_rd_atomic", c_uint8),
        ("max_dest_rd_atomic", c_uint8),
        ("min_rnr_timer", c_uint8),
        ("port_num", c_uint8),
        ("timeout", c_uint8),
        ("retry_cnt", c_uint8),
        ("rnr_retry", c_uint8),
        ("alt_port_num", c_uint8),
        ("alt_timeout", c_uint8),
        ("rate_limit", c_uint32),
    ]


class rdma_conn_param(Structure):
    _fields_ = [
        ("private_data", c_void_p),
        ("private_data_len", c_uint8),
        ("responder_resources", c_uint8),
        ("initiator_depth", c_uint8),
        ("flow_control", c_uint8),
        ("retry_count", c_uint8),
        ("rnr_retry_count", c_uint8),
        ("srq", c_uint8),
        ("qp_num", c_uint32),
    ]


class rdma_ud_param(Structure):
    _fields_ = [
        ("private_data", c_void_p),
        ("private_data_len", c_uint8),
        ("ah_attr", ibv_ah_attr),
        ("qp_num", c_uint32),
        ("qkey", c_uint32),
    ]


class rdma_cm_event_param(Union):
    _fields_ = [("conn", rdma_conn_param), ("ud", rdma_ud_param)]


class rdma_cm_event(Structure):
    _fields_ = [
        ("id", c_void_p),
        ("listen_id", c_void_p),
        ("event", c_enum),
        ("status", c_int),
        ("param", rdma_cm_event_param),
    ]


class rdma_event_channel(Structure):
    _fields_ = [("fd", c_int)]


class rdma_ib_addr(Structure):
    _fields_ = [("sgid", ibv_gid), ("dgid", ibv_gid), ("pkey", c_uint16)]


class rdma_addr(Structure):
    _fields_ = [
        ("src_storage", sockaddr_storage),
        ("dst_storage", sockaddr_storage),
        ("addr", rdma_ib_addr),
    ]


class rdma_route(Structure):
    _fields_ = [("addr", rdma_addr), ("path_rec", c_void_p), ("num_paths", c_int)]


class ibv_context(Structure):
    """Only the first member, the device, is looked at."""

    _fields_ = [("device", c_void_p)]


class ibv_qp(Structure):
    """As far as qp_num."""

    _fields_ = [
        ("context", c_void_p),
        ("qp_context", c_void_p),
        ("pd", c_void_p),
        ("send_cq", c_void_p),
        ("recv_cq", c_void_p),
        ("srq", c_void_p),
        ("handle", c_uint32),
        ("qp_num", c_uint32),
    ]


class rdma_cm_id(Structure):
    _fields_ = [
        ("verbs", POINTER(ibv_context)),
        ("channel", c_void_p),
        ("context", c_void_p),
        ("qp", POINTER(ibv_qp)),
        ("route", rdma_route),
        ("ps", c_enum),
        ("port_num", c_uint8),
        ("event", POINTER(rdma_cm_event)),
        ("send_cq_channel", c_void_p),
        ("send_cq", c_void_p),
        ("recv_cq_channel", c_void_p),
        ("recv_cq", c_void_p),
        ("srq", c_void_p),
        ("pd", c_void_p),
        ("qp_type", c_enum),
    ]


class rdma_addrinfo(Structure):
    _fields_ = [
        ("ai_flags", c_int),
        ("ai_family", c_int),
        ("ai_qp_type", c_int),
        ("ai_port_space", c_int),
        ("ai_src_len", c_uint32),
        ("ai_dst_len", c_uint32),
        ("ai_src_addr", c_void_p),
        ("ai_dst_addr", c_void_p),
        ("ai_src_canonname", c_void_p),
        ("ai_dst_canonname", c_void_p),
        ("ai_route_len", c_size_t),
        ("ai_route", c_void_p),
        ("ai_connect_len", c_size_t),
        ("ai_connect", c_void_p),
        ("ai_next", c_void_p),
    ]

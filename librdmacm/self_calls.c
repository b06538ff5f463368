// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#include "self_calls.h"

/* Relocations; those with an addend begin like those without. */
struct relocations {
	const char *first;
	size_t length, entry;
};

struct dynamic {
	const ElfW(Sym) *symbols;
	const char *names;
	size_t names_length;
	struct relocations plt, with_addend, without;
	bool symbolic;
};

/* The dynamic linker of glibc has replaced offsets by addresses, where it may write. */
static const void *address(const struct link_map *map, ElfW(Addr) value)
{
	return (const void *)(value < map->l_addr ? map->l_addr + value : value);
}

static void read_entry(const struct link_map *map, const ElfW(Dyn) *entry, struct dynamic *dynamic)
{
	const ElfW(Addr) value = entry->d_un.d_ptr;

	switch (entry->d_tag) {
	case DT_SYMTAB:
		dynamic->symbols = address(map, value);
		break;
	case DT_STRTAB:
		dynamic->names = address(map, value);
		break;
	case DT_STRSZ:
		dynamic->names_length = value;
		break;
	case DT_JMPREL:
		dynamic->plt.first = address(map, value);
		break;
	case DT_PLTRELSZ:
		dynamic->plt.length = value;
		break;
	case DT_PLTREL:
		dynamic->plt.entry = value == DT_RELA ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
		break;
	case DT_RELA:
		dynamic->with_addend.first = address(map, value);
		break;
	case DT_RELASZ:
		dynamic->with_addend.length = value;
		break;
	case DT_REL:
		dynamic->without.first = address(map, value);
		break;
	case DT_RELSZ:
		dynamic->without.length = value;
		break;
	case DT_SYMBOLIC:
		dynamic->symbolic = true;
		break;
	case DT_FLAGS:
		dynamic->symbolic |= (value & DF_SYMBOLIC) != 0;
		break;
	default:
		break;
	}
}

static bool is_named(const struct dynamic *dynamic, const ElfW(Rel) *relocation, const char *name)
{
	const uint64_t info = relocation->r_info;
	const size_t index = sizeof(ElfW(Addr)) == 8 ? ELF64_R_SYM(info) : ELF32_R_SYM(info);
	const size_t at = index ? dynamic->symbols[index].st_name : 0;

	return at && at < dynamic->names_length &&
	       !strncmp(dynamic->names + at, name, dynamic->names_length - at);
}

static bool have(const struct dynamic *dynamic, const struct relocations *relocations,
		 const char *name)
{
	ElfW(Rel) one;

	if (!relocations->first || !relocations->entry)
		return false;
	for (size_t at = 0; at + relocations->entry <= relocations->length;
	     at += relocations->entry) {
		memcpy(&one, relocations->first + at, sizeof(one));
		if (is_named(dynamic, &one, name))
			return true;
	}
	return false;
}

/* A function that is called directly has no relocation. */
static bool is_looked_up(const struct dynamic *dynamic, const char *name)
{
	return have(dynamic, &dynamic->plt, name) || have(dynamic, &dynamic->with_addend, name) ||
	       have(dynamic, &dynamic->without, name);
}

bool self_calls_interposable(void *handle, const char *const *names, size_t count)
{
	struct dynamic dynamic = {
		.with_addend.entry = sizeof(ElfW(Rela)),
		.without.entry = sizeof(ElfW(Rel)),
	};
	struct link_map *map;

	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) || !map->l_ld)
		return false;
	for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
		read_entry(map, entry, &dynamic);
	if (!dynamic.symbols || !dynamic.names || dynamic.symbolic)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!is_looked_up(&dynamic, names[i]))
			return false;
	}
	return true;
}

// _dl_find_object of glibc 2.35, for musl: libgcc of Debian's compilers asks it which object a
// program counter is in. Only what tries the addon for musl has this (scripts/musl-toolchain).
// Alpine's own libgcc_s does not need it.
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// As glibc's dlfcn.h has it where there is no dlfo_eh_dbase.
struct dl_find_object {
  unsigned long long flags;
  void* map_start;
  void* map_end;
  struct link_map* link_map;
  void* eh_frame;
  unsigned long long reserved[7];
};

struct search {
  unsigned long counter;
  struct dl_find_object* found;
};

static int look(struct dl_phdr_info* object, size_t size, void* given) {
  (void)size;
  struct search* search = given;
  const ElfW(Phdr)* frames = NULL;
  const ElfW(Phdr)* segment = NULL;
  for (int at = 0; at < object->dlpi_phnum; at++) {
    const ElfW(Phdr)* header = &object->dlpi_phdr[at];
    const unsigned long start = object->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_GNU_EH_FRAME) frames = header;
    if (header->p_type == PT_LOAD && search->counter - start < header->p_memsz) segment = header;
  }
  if (frames == NULL || segment == NULL) return 0;
  char* start = (char*)(object->dlpi_addr + segment->p_vaddr);
  search->found->map_start = start;
  search->found->map_end = start + segment->p_memsz;
  search->found->eh_frame = (void*)(object->dlpi_addr + frames->p_vaddr);
  return 1;
}

int _dl_find_object(void* counter, struct dl_find_object* found);
int _dl_find_object(void* counter, struct dl_find_object* found) {
  struct search search = {(unsigned long)counter, found};
  memset(found, 0, sizeof *found);
  return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}

// std::__glibcxx_assert_fail, which a libstdc++ without messages lacks.
void AssertFail(void) __asm__("_ZSt21__glibcxx_assert_failPKciS0_S0_");
void AssertFail(void) {
  abort();
}

# SPDX-License-Identifier: MIT
# The BPF programs: skeleton/nsls.skel.inc, a light skeleton that loads them, is committed, because it
# is the same on all little-endian machines. It needs the headers of libbpf, and no library. GENERATE
# makes it in the build directory; target bpf_skeleton makes the committed one anew.
if(NOT NSLS_BPF)
	set(NSLS_BPF OFF)
elseif(NOT NSLS_BPF MATCHES "^(COMMITTED|GENERATE)$")
	message(FATAL_ERROR "NSLS_BPF is ${NSLS_BPF}, not OFF, COMMITTED or GENERATE")
else()
	find_path(LIBBPF_INCLUDE_DIR bpf/skel_internal.h)
	if(NOT LIBBPF_INCLUDE_DIR)
		message(WARNING "--bpf is left out: it needs the headers of libbpf (libbpf-dev)")
		set(NSLS_BPF OFF)
	endif()
endif()
if(NSLS_BPF STREQUAL COMMITTED)
	set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
	set(CMAKE_REQUIRED_INCLUDES ${CMAKE_CURRENT_SOURCE_DIR}/src/bpf/skeleton ${LIBBPF_INCLUDE_DIR})
	check_c_source_compiles("
		#include <errno.h>
		#include <stdlib.h>
		#include <string.h>
		#include <unistd.h>
		#include <nsls.skel.inc>
		#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
		#error
		#endif
		int main(void) { return nsls_bpf__load(nsls_bpf__open()); }" HAVE_BPF_SKELETON)
	unset(CMAKE_REQUIRED_DEFINITIONS)
	unset(CMAKE_REQUIRED_INCLUDES)
	if(NOT HAVE_BPF_SKELETON)
		message(WARNING "--bpf is left out: NSLS_BPF=COMMITTED needs a little-endian machine and "
			"newer headers of libbpf")
		set(NSLS_BPF OFF)
	endif()
endif()
message(STATUS "BPF programs for --bpf: ${NSLS_BPF}")

find_program(CLANG clang)
find_program(BPFTOOL bpftool PATHS /usr/sbin /sbin)
if(NSLS_BPF STREQUAL GENERATE AND NOT (CLANG AND BPFTOOL))
	message(FATAL_ERROR "NSLS_BPF=GENERATE needs clang and bpftool")
endif()
set(bpf_source ${CMAKE_CURRENT_SOURCE_DIR}/src/bpf)
set(bpf_build ${CMAKE_CURRENT_BINARY_DIR}/bpf)
set(bpf_includes -Iinclude)
if(CMAKE_LIBRARY_ARCHITECTURE)
	list(APPEND bpf_includes -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
endif()
add_custom_command(OUTPUT ${bpf_build}/nsls.skel.inc
	COMMAND ${CMAKE_COMMAND} -E make_directory ${bpf_build}
	COMMAND ${CLANG} -target bpf -g -O2 -Wall -Wextra -Wno-unused-parameter -Werror
		${bpf_includes} -fdebug-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}=.
		-c src/bpf/nsls.bpf.c -o ${bpf_build}/nsls.bpf.o
	COMMAND ${BPFTOOL} gen skeleton -L ${bpf_build}/nsls.bpf.o name nsls_bpf
		> ${bpf_build}/nsls.skel.inc
	WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
	DEPENDS src/bpf/nsls.bpf.c include/nsls/bpf.h include/nsls/nstype.h VERBATIM)
add_custom_target(bpf_skeleton
	COMMAND ${CMAKE_COMMAND} -E copy ${bpf_build}/nsls.skel.inc ${bpf_source}/skeleton/nsls.skel.inc
	DEPENDS ${bpf_build}/nsls.skel.inc)

if(NSLS_BPF STREQUAL GENERATE)
	set(bpf_skeleton_dir ${bpf_build})
	target_sources(nsls_bpf PRIVATE ${bpf_build}/nsls.skel.inc)
else()
	set(bpf_skeleton_dir ${bpf_source}/skeleton)
endif()
if(NSLS_BPF)
	target_compile_definitions(nsls_bpf PRIVATE NSLS_BPF)
	# System directories, so that the compiler does not warn of what bpftool writes.
	target_include_directories(nsls_bpf SYSTEM PRIVATE ${bpf_skeleton_dir} ${LIBBPF_INCLUDE_DIR})
endif()

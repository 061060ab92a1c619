# SPDX-License-Identifier: MIT
# The BPF programs: skeleton/nsls.skel.inc, a light skeleton that loads them, is committed, because it is the
# same on all little-endian machines. It needs the headers of libbpf, and no library. GENERATE makes
# it in the build directory; target bpf_skeleton makes the committed one anew.
if(NSLS_BPF MATCHES "^(COMMITTED|GENERATE)$")
	find_path(LIBBPF_INCLUDE_DIR bpf/skel_internal.h)
	if(NOT LIBBPF_INCLUDE_DIR)
		message(WARNING "--bpf is left out: it needs the headers of libbpf (libbpf-dev)")
		set(NSLS_BPF OFF)
	endif()
elseif(NSLS_BPF)
	message(FATAL_ERROR "NSLS_BPF is ${NSLS_BPF}, not OFF, COMMITTED or GENERATE")
endif()

find_program(CLANG clang)
find_program(BPFTOOL bpftool PATHS /usr/sbin /sbin)
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
	DEPENDS src/bpf/nsls.bpf.c include/nsls/records.h VERBATIM)
add_custom_target(bpf_skeleton
	COMMAND ${CMAKE_COMMAND} -E copy ${bpf_build}/nsls.skel.inc ${bpf_source}/skeleton/nsls.skel.inc
	DEPENDS ${bpf_build}/nsls.skel.inc)

if(NSLS_BPF)
	target_compile_definitions(nsls_bpf PRIVATE NSLS_BPF)
endif()
# A system directory, so that the compiler does not warn of what bpftool writes.
if(NSLS_BPF STREQUAL GENERATE)
	target_sources(nsls_bpf PRIVATE ${bpf_build}/nsls.skel.inc)
	target_include_directories(nsls_bpf SYSTEM PRIVATE ${bpf_build} ${LIBBPF_INCLUDE_DIR})
elseif(NSLS_BPF)
	target_include_directories(nsls_bpf SYSTEM PRIVATE ${bpf_source}/skeleton)
endif()

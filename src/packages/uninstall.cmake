# SPDX-License-Identifier: MIT
# Removes what "cmake --install" of this build directory installed last. Directories stay.
if(NOT EXISTS install_manifest.txt)
	message(FATAL_ERROR "nothing is known to be installed: no install_manifest.txt here")
endif()
file(STRINGS install_manifest.txt files)
foreach(file IN LISTS files)
	message(STATUS "Removing: $ENV{DESTDIR}${file}")
	file(REMOVE "$ENV{DESTDIR}${file}")
endforeach()

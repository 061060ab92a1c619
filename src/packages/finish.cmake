# SPDX-License-Identifier: MIT
# cpack runs this before it makes a package of what was installed into a directory of its own: puts
# things where the distribution wants them.
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
set(doc ${share}/doc/nsls)

function(compress)
	execute_process(COMMAND gzip -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB pages ${share}/man/man*/*[0-9])
compress(${pages})
if(CPACK_GENERATOR STREQUAL DEB)
	file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
	file(RENAME ${share}/zsh/site-functions/_nsls ${share}/zsh/vendor-completions/_nsls)
	file(REMOVE_RECURSE ${share}/zsh/site-functions)
	file(COPY_FILE ${CPACK_NSLS_SOURCE}/man/NEWS.md ${doc}/changelog)
	file(WRITE ${doc}/changelog.Debian "${CPACK_DEBIAN_PACKAGE_CHANGELOG}")
	compress(${doc}/changelog ${doc}/changelog.Debian)
	file(STRINGS ${CPACK_NSLS_SOURCE}/LICENSE holder REGEX Copyright)
	file(READ ${CPACK_NSLS_SOURCE}/LICENSE license)
	string(REGEX REPLACE "^.*\n(Permission)" "\\1" license "${license}")
	string(REGEX REPLACE "\n\n" "\n.\n" license "${license}")
	string(REGEX REPLACE "\n(.)" "\n \\1" license "\n${license}")
	string(REPLACE "Copyright (c) " "Copyright: " holder "${holder}")
	file(WRITE ${doc}/copyright
		"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
Upstream-Name: nsls\n\nFiles: *\n${holder}\nLicense: Expat${license}")
else()
	file(COPY ${CPACK_NSLS_SOURCE}/man/NEWS.md DESTINATION ${doc})
	file(COPY ${CPACK_NSLS_SOURCE}/LICENSE DESTINATION ${share}/licenses/nsls)
endif()

# Nobody's umask decides.
execute_process(COMMAND chmod -R u=rwX,go=rX ${CPACK_TEMPORARY_INSTALL_DIRECTORY}
	COMMAND_ERROR_IS_FATAL ANY)
if(DEFINED ENV{SOURCE_DATE_EPOCH})
	execute_process(COMMAND find ${CPACK_TEMPORARY_INSTALL_DIRECTORY} -exec
		touch -h -d @$ENV{SOURCE_DATE_EPOCH} {} + COMMAND_ERROR_IS_FATAL ANY)
endif()

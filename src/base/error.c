// SPDX-License-Identifier: MIT
#include "nsls/base/error.h"

#include <errno.h>

enum error_class error_class(int error)
{
	switch (error) {
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
		return ERROR_FATAL;
	case -ENOENT:
	case -ESRCH:
		return ERROR_VANISHED;
	case -EACCES:
	case -EPERM:
		return ERROR_DENIED;
	default:
		return ERROR_ODD;
	}
}

bool error_is_fatal(int error)
{
	return error_class(error) == ERROR_FATAL;
}

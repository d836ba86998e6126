/* Store errors; see error.h. */
#include "store/error.h"

#include <errno.h>
#include <string.h>

enum store_error
store_error_from(int number)
{
	switch (number) {
	case ENOENT:
		return STORE_NOT_FOUND;
	case EEXIST:
		return STORE_EXISTS;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return STORE_FULL;
	default:
		return STORE_FAILED;
	}
}

const char *
store_error_text(enum store_error error)
{
	switch (error) {
	case STORE_OK:
		return "no error";
	case STORE_NOT_FOUND:
		return "not found";
	case STORE_NOT_HOSTED:
		return "domain is not hosted here";
	case STORE_EXISTS:
		return "exists already";
	case STORE_BUSY:
		return "mailbox is in use by another process";
	case STORE_MALFORMED:
		return "malformed";
	case STORE_FULL:
		return "no room in the file system";
	case STORE_FAILED:
		return strerror(errno);
	}
	return "unknown error";
}

/* Errors of the store: what errno becomes, and that each has its words. */
#include "store/error.h"

#include <errno.h>

#include "tests/lib/check.h"

static const struct {
	const char *name;
	int number;
	enum store_error error;
} cases[] = {
	{ "ENOENT", ENOENT, STORE_NOT_FOUND },
	{ "EEXIST", EEXIST, STORE_EXISTS },
	{ "ENOSPC", ENOSPC, STORE_FULL },
	{ "EDQUOT", EDQUOT, STORE_FULL },
	{ "EFBIG", EFBIG, STORE_FULL },
	{ "EIO", EIO, STORE_FAILED },
	{ "EACCES", EACCES, STORE_FAILED },
	{ "EROFS", EROFS, STORE_FAILED },
	{ "EMFILE", EMFILE, STORE_FAILED },
	{ "ENFILE", ENFILE, STORE_FAILED },
	{ "ENOMEM", ENOMEM, STORE_FAILED },
	{ "ELOOP, a symbolic link", ELOOP, STORE_FAILED },
	{ "ENOTDIR", ENOTDIR, STORE_FAILED },
	{ "EMLINK", EMLINK, STORE_FAILED },
	{ "EINTR", EINTR, STORE_FAILED },
	{ "no error at all", 0, STORE_FAILED },
};

static const enum store_error errors[] = {
	STORE_OK, STORE_NOT_FOUND, STORE_NOT_HOSTED, STORE_EXISTS, STORE_BUSY,
	STORE_MALFORMED, STORE_FULL, STORE_FAILED
};

int
main(void)
{
	size_t i, k;
	bool words = true, different = true;

	for (i = 0; i < COUNT(cases); i++)
		CHECK(store_error_from(cases[i].number) == cases[i].error,
		    "what becomes of %s", cases[i].name);
	CHECK(STORE_OK == 0, "no error is zero");

	errno = EIO;
	for (i = 0; i < COUNT(errors); i++) {
		const char *text = store_error_text(errors[i]);

		words &= text != NULL && text[0] != '\0';
		for (k = 0; k < i; k++)
			different &= strcmp(text, store_error_text(errors[k])) != 0;
	}
	CHECK(words, "each error has its words");
	CHECK(different, "and none the words of another");
	CHECK(strcmp(store_error_text(STORE_FAILED), strerror(EIO)) == 0,
	    "the words of a failure are those of errno");
	return check_end();
}

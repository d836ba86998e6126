/*
 * The secret of a mail root: made once, by whoever comes first, and never
 * replaced.
 */
#include "store/secret.h"

#include <sys/wait.h>

#include "tests/lib/check.h"
#include "tests/lib/directory.h"

#define PROCESSES 8

/* Opens a mail root in the test's directory. */
static void
open_root(struct mail_root *root, const char *name)
{
	must(root_make(root, path_of(name)) == STORE_OK, "no mail root");
}

/* What file is there, without following a symbolic link. */
static struct stat
status_of(const char *name)
{
	struct stat status;

	must(lstat(path_of(name), &status) == 0, "no file");
	return status;
}

static void
test_making(void)
{
	unsigned char secret[SECRET_OCTETS], again[SECRET_OCTETS];
	static const unsigned char zeros[SECRET_OCTETS];
	struct stat before, after;
	struct mail_root root;

	(void)umask(0);
	open_root(&root, "one");
	CHECK(secret_read(&root, secret) == STORE_OK &&
	    memcmp(secret, zeros, sizeof secret) != 0, "a secret is made");
	before = status_of("one/passwords/.secret");
	CHECK(S_ISREG(before.st_mode) && (before.st_mode & 07777) == 0600 &&
	    before.st_size == SECRET_OCTETS,
	    "32 octets in a file for its owner alone");
	CHECK(memcmp(get_file("one/passwords/.secret"), secret,
	    sizeof secret) == 0, "that stand there as they are given");
	CHECK(secret_read(&root, again) == STORE_OK &&
	    memcmp(secret, again, sizeof secret) == 0,
	    "the second time it is the same");
	root_close(&root);
	open_root(&root, "one");
	CHECK(secret_read(&root, again) == STORE_OK &&
	    memcmp(secret, again, sizeof secret) == 0,
	    "also where the mail root has been opened anew");
	after = status_of("one/passwords/.secret");
	CHECK(before.st_ino == after.st_ino &&
	    status_of("one/passwords/.secret").st_nlink == 1,
	    "it is not made again, and has no second name");
	root_close(&root);
	CHECK(rmdir(path_of("one/passwords")) == -1 &&
	    unlink(path_of("one/passwords/.secret")) == 0 &&
	    rmdir(path_of("one/passwords")) == 0, "nothing else is left there");

	open_root(&root, "another");
	CHECK(secret_read(&root, again) == STORE_OK &&
	    memcmp(secret, again, sizeof secret) != 0,
	    "another mail root has another");
	root_close(&root);
}

/* Another process: reads the secret as soon as start has come to its end. */
static _Noreturn void
read_secret(const char *path, int start, int result)
{
	unsigned char secret[SECRET_OCTETS];
	struct mail_root root;
	char octet;

	(void)alarm(60);
	if (root_open(&root, path) != STORE_OK || read(start, &octet, 1) != 0 ||
	    secret_read(&root, secret) != STORE_OK ||
	    write(result, secret, sizeof secret) != sizeof secret)
		_exit(1);
	_exit(0);
}

/* Whether processes that all begin at once come to the same secret. */
static bool
all_agree(const char *path)
{
	unsigned char first[SECRET_OCTETS], secret[SECRET_OCTETS];
	int start[2], result[2], status;
	pid_t children[PROCESSES];
	bool agree = true;
	size_t i;

	must(pipe(start) == 0 && pipe(result) == 0, "no pipe");
	for (i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		must(children[i] != -1, "cannot fork");
		if (children[i] == 0) {
			(void)close(start[1]);
			read_secret(path, start[0], result[1]);
		}
	}
	(void)close(start[0]);
	(void)close(start[1]);          /* now they all go on */
	(void)close(result[1]);
	for (i = 0; i < PROCESSES; i++) {
		agree &= waitpid(children[i], &status, 0) == children[i] &&
		    status == 0 && read(result[0], i == 0 ? first : secret,
		    SECRET_OCTETS) == SECRET_OCTETS;
		agree &= i == 0 || memcmp(first, secret, sizeof first) == 0;
	}
	(void)close(result[0]);
	return agree;
}

static void
test_at_once(void)
{
	bool agree = true;
	unsigned round;

	for (round = 0; round < 10; round++) {
		struct mail_root root;
		char name[16];

		(void)snprintf(name, sizeof name, "race-%u", round);
		open_root(&root, name);
		agree &= all_agree(path_of(name));
		root_close(&root);
	}
	CHECK(agree, "processes that make it at once agree");
}

static void
test_not_as_it_must_be(void)
{
	static const char content[SECRET_OCTETS] = "a secret, but a short one";
	static const size_t lengths[] = { 0, 1, 31 };
	unsigned char secret[SECRET_OCTETS];
	struct mail_root root;
	size_t i;

	open_root(&root, "short");
	must(mkdir(path_of("short/passwords"), 0700) == 0, "no directory");
	for (i = 0; i < COUNT(lengths); i++) {
		put_file("short/passwords/.secret", content, lengths[i], 0600);
		CHECK(secret_read(&root, secret) == STORE_MALFORMED,
		    "one of %zu octets is malformed", lengths[i]);
		CHECK(status_of("short/passwords/.secret").st_size ==
		    (off_t)lengths[i], "and stays as it is");
	}
	(void)unlink(path_of("short/passwords/.secret"));

	must(mkfifo(path_of("short/passwords/.secret"), 0600) == 0, "no FIFO");
	CHECK(secret_read(&root, secret) == STORE_MALFORMED,
	    "a FIFO is malformed, and not waited for");
	(void)unlink(path_of("short/passwords/.secret"));
	must(mkdir(path_of("short/passwords/.secret"), 0700) == 0,
	    "no directory");
	CHECK(secret_read(&root, secret) != STORE_OK &&
	    S_ISDIR(status_of("short/passwords/.secret").st_mode),
	    "a directory is no secret");
	(void)rmdir(path_of("short/passwords/.secret"));
	put_file("elsewhere", content, sizeof content, 0600);
	must(symlink("../../elsewhere", path_of("short/passwords/.secret")) ==
	    0, "no symbolic link");
	CHECK(secret_read(&root, secret) == STORE_FAILED &&
	    S_ISLNK(status_of("short/passwords/.secret").st_mode),
	    "a symbolic link is not followed, nor replaced");
	root_close(&root);

	open_root(&root, "file");
	put_file("file/passwords", content, sizeof content, 0600);
	CHECK(secret_read(&root, secret) == STORE_FAILED,
	    "a file in the place of passwords/ is a failure");
	root_close(&root);
}

int
main(void)
{
	(void)make_directory();
	test_making();
	test_at_once();
	test_not_as_it_must_be();
	return check_end();
}

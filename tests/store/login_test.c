/*
 * Who may log in, over a real mail root: with a password, by SCRAM, and where
 * a program decides; and how alike those look who may not.
 */
#include "store/login.h"

#include <sys/stat.h>

#include "store/account.h"
#include "store/base64.h"
#include "tests/lib/check.h"
#include "tests/lib/directory.h"

static struct mail_root root;
static const struct login_source source = { &root, NULL, NULL };

static struct address
address_of(const char *text)
{
	struct address address;

	must(address_parse(&address, text, strlen(text)), "no address");
	return address;
}

static void
make_account(const char *name)
{
	struct address address = address_of(name);

	must(account_create(&root, &address) == STORE_OK, "no account");
}

static enum store_error
set_password(const char *name, const char *password, size_t length)
{
	struct address address = address_of(name);

	return login_set_password(&root, &address, password, length,
	    ITERATIONS_LEAST);
}

static enum store_error
remove_password(const char *name)
{
	struct address address = address_of(name);

	return login_remove_password(&root, &address);
}

static enum password_result
check(const char *user, size_t user_length, const char *password)
{
	struct address account;

	return login_check(&source, user, user_length, password,
	    strlen(password), &account);
}

static const char *
result_name(enum password_result result)
{
	static const char *const names[] = {
		[PASSWORD_RIGHT] = "right", [PASSWORD_WRONG] = "wrong",
		[PASSWORD_MALFORMED] = "malformed",
		[PASSWORD_FAILED] = "cannot be checked"
	};

	return names[result];
}

#define VERIFIER "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" \
	"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:" \
	"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define CRYPTED "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
#define X102 X51 X51
#define X51 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X510 X102 X102 X102 X102 X102

/* What stands where the verifier of an account should. */
static const struct {
	const char *user;
	const char *content;
	size_t length;
	const char *password;
	enum password_result result;            /* of login_check() */
	enum password_result begin;             /* of login_scram_begin() */
} files[] = {
	{ "pencil@example.com", OCTETS(VERIFIER "\n"), "pencil",
	  PASSWORD_RIGHT, PASSWORD_RIGHT },
	{ "bare@example.com", OCTETS(VERIFIER), "pencil",
	  PASSWORD_RIGHT, PASSWORD_RIGHT },
	{ "crlf@example.com", OCTETS(VERIFIER " \r\n\n"), "pencil",
	  PASSWORD_RIGHT, PASSWORD_RIGHT },
#ifndef WITHOUT_CRYPT
	{ "crypt@example.com", OCTETS(CRYPTED "\n"), "Hello world!",
	  PASSWORD_RIGHT, PASSWORD_RIGHT },
	{ "crypt-wrong@example.com", OCTETS(CRYPTED "\n"), "Hello world",
	  PASSWORD_WRONG, PASSWORD_RIGHT },
#endif
	{ "empty@example.com", OCTETS(""), "",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "line-end@example.com", OCTETS("\n"), "",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "clear@example.com", OCTETS("secret\n"), "secret",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "locked@example.com", OCTETS("!\n"), "!",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "cut@example.com", OCTETS("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6"),
	  "pencil", PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "endless@example.com", OCTETS("SCRAM-SHA-256$99999999:"
	  "W22ZaJ0SNY7soEsUEjb6gQ==$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	  ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), "pencil",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "two@example.com", OCTETS(VERIFIER "\n" VERIFIER "\n"), "pencil",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "nul@example.com", OCTETS(VERIFIER "\0\n"), "pencil",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
	{ "long@example.com", OCTETS(VERIFIER X510 "\n"), "pencil",
	  PASSWORD_MALFORMED, PASSWORD_MALFORMED },
};

static void
test_files(void)
{
	struct login_scram scram;
	char name[128];
	size_t i;

	for (i = 0; i < COUNT(files); i++) {
		const char *user = files[i].user;

		make_account(user);
		(void)snprintf(name, sizeof name, "passwords/example.com/%.*s",
		    (int)strcspn(user, "@"), user);
		put_file(name, files[i].content, files[i].length, 0600);
		CHECK(check(user, strlen(user), files[i].password) ==
		    files[i].result, "\"%s\": %s", shown(files[i].content,
		    files[i].length), result_name(files[i].result)); /* scram-5803-1 scram-5803-3 */
		CHECK(login_scram_begin(&source, &scram, user, strlen(user)) ==
		    files[i].begin, "and SCRAM with it: %s",
		    result_name(files[i].begin)); /* scram-5803-3 */
	}
}

/* What is no file in the place of a verifier. */
static void
test_no_files(void)
{
	make_account("directory@example.com");
	must(mkdir(path_of("passwords/example.com/directory"), 0700) == 0,
	    "no directory");
	CHECK(check(OCTETS("directory@example.com"), "") == PASSWORD_MALFORMED,
	    "a directory for a verifier is malformed");
	make_account("fifo@example.com");
	must(mkfifo(path_of("passwords/example.com/fifo"), 0600) == 0,
	    "no FIFO");
	CHECK(check(OCTETS("fifo@example.com"), "") == PASSWORD_MALFORMED,
	    "a FIFO is, and is not waited for");
	make_account("link@example.com");
	must(symlink("pencil", path_of("passwords/example.com/link")) == 0,
	    "no symbolic link");
	CHECK(check(OCTETS("link@example.com"), "pencil") == PASSWORD_FAILED,
	    "a symbolic link is not followed");
}

/* bob has the password "secret", and there are the accounts "*" and "none". */
static const struct {
	const char *name;
	const char *user;
	size_t length;
	enum password_result result;
} users[] = {
	{ "as it is", OCTETS("bob@example.com"), PASSWORD_RIGHT },
	{ "in capitals", OCTETS("BOB@EXAMPLE.COM"), PASSWORD_RIGHT },
	{ "in mixed case", OCTETS("Bob@Example.com"), PASSWORD_RIGHT },
	{ "of another account with its own", OCTETS("ren\xc3\xa9@example.com"),
	  PASSWORD_RIGHT },
	{ "without a domain", OCTETS("bob"), PASSWORD_WRONG },
	{ "with an empty domain", OCTETS("bob@"), PASSWORD_WRONG },
	{ "without a local-part", OCTETS("@example.com"), PASSWORD_WRONG },
	{ "an @ alone", OCTETS("@"), PASSWORD_WRONG },
	{ "empty", OCTETS(""), PASSWORD_WRONG },
	{ "in brackets", OCTETS("<bob@example.com>"), PASSWORD_WRONG },
	{ "in quotes", OCTETS("\"bob\"@example.com"), PASSWORD_WRONG },
	{ "with a space before it", OCTETS(" bob@example.com"), PASSWORD_WRONG },
	{ "with a space behind it", OCTETS("bob@example.com "), PASSWORD_WRONG },
	{ "with a dot behind it", OCTETS("bob@example.com."), PASSWORD_WRONG },
	{ "with a detail", OCTETS("bob+x@example.com"), PASSWORD_WRONG },
	{ "that the catch-all takes mail for", OCTETS("any@example.com"),
	  PASSWORD_WRONG },
	{ "of the catch-all, which has no password", OCTETS("*@example.com"),
	  PASSWORD_WRONG },
	{ "of an account without a password", OCTETS("none@example.com"),
	  PASSWORD_WRONG },
	{ "of nobody, with a password", OCTETS("left@example.com"),
	  PASSWORD_WRONG },
	{ "of a domain that is not hosted", OCTETS("bob@example.org"),
	  PASSWORD_WRONG },
	{ "with a path", OCTETS("../example.com/bob@example.com"),
	  PASSWORD_WRONG },
	{ "with a path as domain", OCTETS("bob@../passwords/example.com"),
	  PASSWORD_WRONG },
	{ "of the secret", OCTETS(".secret@."), PASSWORD_WRONG },
	{ "with a NUL behind it", OCTETS("bob@example.com\0"), PASSWORD_WRONG },
	{ "with a NUL in it", OCTETS("bob\0@example.com"), PASSWORD_WRONG },
	{ "with a control character", OCTETS("bob\x01@example.com"),
	  PASSWORD_WRONG },
	{ "with a C1 control character", OCTETS("bob\xc2\x85@example.com"),
	  PASSWORD_WRONG },
	{ "in capitals beyond ASCII", OCTETS("REN\xc3\x89@example.com"),
	  PASSWORD_WRONG },
	{ "in Latin-1", OCTETS("ren\xe9@example.com"), PASSWORD_WRONG },
	{ "of 510 octets", OCTETS(X510), PASSWORD_WRONG },
	{ "of 1020 octets", OCTETS(X510 X510), PASSWORD_WRONG },
};

static void
test_users(void)
{
	struct login_scram scram;
	size_t i;

	for (i = 0; i < COUNT(users); i++) {
		CHECK(check(users[i].user, users[i].length, "secret") ==
		    users[i].result, "a name %s: %s", users[i].name,
		    result_name(users[i].result)); /* sasl-prep pop3-6856-2.2 */
		CHECK(login_scram_begin(&source, &scram, users[i].user,
		    users[i].length) == PASSWORD_RIGHT &&
		    scram.known == (users[i].result == PASSWORD_RIGHT),
		    "and SCRAM with it begins"); /* scram-5802-5-i */
	}
}

static void
test_account(void)
{
	struct address account;

	memset(&account, 'x', sizeof account);
	CHECK(login_check(&source, OCTETS("BOB@Example.COM"), OCTETS("secret"),
	    &account) == PASSWORD_RIGHT && strcmp(account.local, "bob") == 0 &&
	    strcmp(account.domain, "example.com") == 0,
	    "the account is told, in small letters");
}

/* Passwords as they are set, and those beside them. */
static void
test_passwords(void)
{
	static const struct {
		const char *name;
		const char *password;
		size_t length;
	} passwords[] = {
		{ "one letter", OCTETS("x") },
		{ "spaces", OCTETS("  a  b  ") },
		{ "UTF-8", OCTETS("\xe2\x82\xac uro") },
		{ "Latin-1", OCTETS("caf\xe9") },
		{ "commas and equals signs", OCTETS("a,b=c=2C") },
		{ "more than a block of SHA-256", OCTETS(X102) },
		{ "500 octets", X510, PASSWORD_OCTETS_MAX },
	};
	struct address account;
	size_t i;

	for (i = 0; i < COUNT(passwords); i++) {
		const char *password = passwords[i].password;
		size_t length = passwords[i].length;

		CHECK(set_password("bob@example.com", password, length) ==
		    STORE_OK && login_check(&source, OCTETS("bob@example.com"),
		    password, length, &account) == PASSWORD_RIGHT &&
		    login_check(&source, OCTETS("bob@example.com"), password,
		    length - 1, &account) == PASSWORD_WRONG &&
		    check(OCTETS("bob@example.com"), "") == PASSWORD_WRONG,
		    "a password of %s is taken whole", passwords[i].name); /* sasl-prep */
	}
	must(set_password("bob@example.com", OCTETS("secret")) == STORE_OK,
	    "no password");
	CHECK(check(OCTETS("bob@example.com"), "x") == PASSWORD_WRONG &&
	    check(OCTETS("bob@example.com"), "Secret") == PASSWORD_WRONG &&
	    check(OCTETS("bob@example.com"), "secret ") == PASSWORD_WRONG &&
	    check(OCTETS("bob@example.com"), "secret") == PASSWORD_RIGHT,
	    "the last one set is the password, and nothing like it");
}

static void
test_setting(void)
{
	char first[VERIFIER_SIZE];
	struct stat file, domain;
	struct address address = address_of("bob@example.com");

	(void)umask(0);
	strcpy(first, get_file("passwords/example.com/bob"));
	must(set_password("bob@example.com", OCTETS("secret")) == STORE_OK,
	    "no password");
	CHECK(strncmp(first, "SCRAM-SHA-256$4096:", 19) == 0 &&
	    first[strlen(first) - 1] == '\n' && strchr(first, ' ') == NULL &&
	    strstr(first, "secret") == NULL, "what is stored is a verifier "
	    "and a line end"); /* scram-5803-1 scram-7677-a */
	CHECK(strcmp(first, get_file("passwords/example.com/bob")) != 0,
	    "set again, the same password has another salt");
	CHECK(stat(path_of("passwords/example.com/bob"), &file) == 0 &&
	    (file.st_mode & 07777) == 0600 &&
	    stat(path_of("passwords/example.com"), &domain) == 0 &&
	    (domain.st_mode & 07777) == 0700, "for its owner alone");
	must(login_set_password(&root, &address, "secret", 6,
	    ITERATIONS_DEFAULT) == STORE_OK, "no password");
	CHECK(strncmp(get_file("passwords/example.com/bob"),
	    "SCRAM-SHA-256$10000:", 20) == 0, "the iterations are as told");
	must(login_set_password(&root, &address, "secret", 6,
	    ITERATIONS_LEAST) == STORE_OK, "no password");
}

/* The first password makes the secret, which a server may not be able to. */
static void
test_secret_beforehand(void)
{
	struct stat status;

	CHECK(stat(path_of("passwords/.secret"), &status) == 0 &&
	    status.st_size == 32, "where there is a password there is a secret");
}

static void
test_removing(void)
{
	make_account("gone@example.net");
	make_account("stays@example.net");
	must(set_password("gone@example.net", OCTETS("secret")) == STORE_OK &&
	    set_password("stays@example.net", OCTETS("secret")) == STORE_OK,
	    "no password");
	CHECK(remove_password("gone@example.net") == STORE_OK &&
	    check(OCTETS("gone@example.net"), "secret") == PASSWORD_WRONG,
	    "who has no password any more cannot log in");
	CHECK(check(OCTETS("stays@example.net"), "secret") == PASSWORD_RIGHT,
	    "others of the domain still can");
	CHECK(remove_password("gone@example.net") == STORE_OK &&
	    remove_password("nobody@example.net") == STORE_OK &&
	    remove_password("nobody@nowhere.example") == STORE_OK,
	    "a password that is not there is removed");
	CHECK(remove_password("stays@example.net") == STORE_OK &&
	    access(path_of("passwords/example.net"), F_OK) == -1 &&
	    access(path_of("passwords/example.com"), F_OK) == 0,
	    "the domain goes with its last password");
	CHECK(set_password("gone@example.net", OCTETS("again")) == STORE_OK &&
	    check(OCTETS("gone@example.net"), "again") == PASSWORD_RIGHT,
	    "and comes back with the next");
}

#define MESSAGE "n=bob,r=abc,r=abcdef,s=AA==,i=4096,c=biws,r=abcdef"

/* Logs in by SCRAM with this password; *salt is what was shown. */
static enum password_result
log_in(const char *user, const char *password, struct scram_salt *salt,
    struct address *account)
{
	unsigned char proof[SHA256_OCTETS], expected[SHA256_OCTETS];
	unsigned char signature[SHA256_OCTETS] = { 0 };
	static const struct scram_verifier nothing;
	enum password_result result;
	struct login_scram scram;

	result = login_scram_begin(&source, &scram, user, strlen(user));
	if (result != PASSWORD_RIGHT)
		return result;
	*salt = scram.verifier.salt;
	scram_proof_make(salt, password, strlen(password), OCTETS(MESSAGE),
	    proof, expected);
	result = login_scram_end(&scram, OCTETS(MESSAGE), proof, signature);
	CHECK(memcmp(&scram.verifier, &nothing, sizeof nothing) == 0,
	    "the verifier is wiped");
	CHECK((memcmp(signature, expected, sizeof signature) == 0) ==
	    (result == PASSWORD_RIGHT), "only who has the right password "
	    "gets the signature that he expects"); /* scram-5802-5-f */
	*account = scram.account;
	return result;
}

static bool
same_salt(const struct scram_salt *a, const struct scram_salt *b)
{
	return a->iterations == b->iterations && same(a->octets, a->length,
	    b->octets, b->length);
}

static void
test_scram(void)
{
	struct scram_salt salt, again, stored;
	struct scram_verifier verifier;
	struct address account;
	const char *file = get_file("passwords/example.com/bob");

	must(scram_verifier_read(&verifier, file) == PASSWORD_RIGHT,
	    "no verifier");
	stored = verifier.salt;
	CHECK(log_in("Bob@example.com", "secret", &salt, &account) ==
	    PASSWORD_RIGHT && strcmp(account.local, "bob") == 0 &&
	    strcmp(account.domain, "example.com") == 0,
	    "SCRAM with the right password"); /* scram-5802-5-f */
	CHECK(same_salt(&salt, &stored), "is shown the salt that is stored");
	CHECK(log_in("bob@example.com", "Secret", &again, &account) ==
	    PASSWORD_WRONG && same_salt(&salt, &again),
	    "SCRAM with the wrong one, and the same salt"); /* scram-5802-5-f */
}

/* A made-up verifier is not right even where a proof fits it. */
static void
test_scram_made_up(void)
{
	unsigned char proof[SHA256_OCTETS], signature[SHA256_OCTETS];
	struct login_scram scram;

	must(login_scram_begin(&source, &scram, OCTETS("bob@example.com")) ==
	    PASSWORD_RIGHT && scram.known, "no verifier");
	scram_proof_make(&scram.verifier.salt, OCTETS("secret"),
	    OCTETS(MESSAGE), proof, signature);
	scram.known = false;
	CHECK(login_scram_end(&scram, OCTETS(MESSAGE), proof, signature) ==
	    PASSWORD_WRONG, "a verifier that is made up lets nobody in"); /* scram-5802-5-i */
}

/* Who cannot log in is shown a salt that looks like any other. */
static void
test_scram_unknown(void)
{
	static const char *const strangers[] = {
		"eve@example.com", "none@example.com", "left@example.com",
		"crypt@example.com", "eve@example.org", "eve", "", "@",
		"../x@example.com", X510
	};
	struct scram_salt salts[COUNT(strangers)], again;
	struct address account;
	bool different = true;
	size_t i, k;

	for (i = 0; i < COUNT(strangers); i++) {
		CHECK(log_in(strangers[i], "Hello world!", &salts[i],
		    &account) == PASSWORD_WRONG &&
		    salts[i].length == SALT_OCTETS &&
		    salts[i].iterations == ITERATIONS_DEFAULT,
		    "SCRAM of \"%s\": a salt, and then wrong",
		    shown(strangers[i], strlen(strangers[i]))); /* scram-5802-5-i */
		CHECK(log_in(strangers[i], "secret", &again, &account) ==
		    PASSWORD_WRONG && same_salt(&salts[i], &again),
		    "and the same one the next time"); /* scram-5802-5-i */
		for (k = 0; k < i; k++)
			different &= !same_salt(&salts[i], &salts[k]);
	}
	CHECK(different, "each has another"); /* scram-5802-5-i */
	CHECK(log_in("EVE@Example.COM", "secret", &again, &account) ==
	    PASSWORD_WRONG && same_salt(&salts[0], &again),
	    "the same in another case, as with who is known"); /* scram-5802-5-i */
	root_close(&root);
	must(root_open(&root, path_of(".")) == STORE_OK, "no mail root");
	CHECK(log_in("eve@example.com", "secret", &again, &account) ==
	    PASSWORD_WRONG && same_salt(&salts[0], &again),
	    "and in another session"); /* scram-5802-5-i */
}

/* A program that decides, as far as the store sees one. */
static enum password_result answer;
static unsigned questions;
static char question[1024];

static enum password_result
ask(const char *program, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	struct text text;

	questions++;
	text_init(&text, question, sizeof question);
	text_add(&text, program);
	text_add_octet(&text, '|');
	text_add_octets(&text, user, user_length);
	text_add_octet(&text, '|');
	text_add_octets(&text, password, password_length);
	return answer;
}

static bool
is_account(const char *name)
{
	struct address address = address_of(name);

	return account_find(&root, &address) == STORE_OK;
}

static void
test_program(void)
{
	static const struct login_source asking = { &root, "checker -x", ask };
	static const enum password_result others[] = {
		PASSWORD_WRONG, PASSWORD_MALFORMED, PASSWORD_FAILED
	};
	struct address account;
	size_t i;

	for (i = 0; i < COUNT(others); i++) {
		answer = others[i];
		CHECK(login_check(&asking, OCTETS("bob@example.com"),
		    OCTETS("secret"), &account) == others[i] &&
		    login_check(&asking, OCTETS("new@example.edu"),
		    OCTETS("secret"), &account) == others[i] &&
		    !is_account("new@example.edu"),
		    "a program says: %s", result_name(others[i]));
	}
	answer = PASSWORD_RIGHT;
	CHECK(login_check(&asking, OCTETS("New@Example.edu"), OCTETS("pa ss"),
	    &account) == PASSWORD_RIGHT && strcmp(account.local, "new") == 0 &&
	    strcmp(account.domain, "example.edu") == 0 &&
	    is_account("new@example.edu"),
	    "a program lets somebody in, who gets an account and a domain");
	CHECK(strcmp(question, "checker -x|New@Example.edu|pa ss") == 0,
	    "it was asked for what was sent");
	CHECK(login_check(&asking, OCTETS("new@example.edu"), OCTETS("x"),
	    &account) == PASSWORD_RIGHT, "the next time the account is there");
	CHECK(login_check(&asking, OCTETS("bob@example.com"), OCTETS("other"),
	    &account) == PASSWORD_RIGHT, "a password that is stored is not asked");
}

static void
test_program_not_asked(void)
{
	static const struct login_source asking = { &root, "checker", ask };
	struct address account;
	size_t i;

	answer = PASSWORD_RIGHT;
	questions = 0;
	for (i = 0; i < COUNT(users); i++)
		if (!address_parse(&account, users[i].user, users[i].length))
			CHECK(login_check(&asking, users[i].user,
			    users[i].length, OCTETS("secret"), &account) ==
			    PASSWORD_WRONG && questions == 0,
			    "no program is asked for a name %s", users[i].name);
	CHECK(login_check(&asking, OCTETS("*@example.com"), OCTETS("secret"),
	    &account) == PASSWORD_WRONG && questions == 0,
	    "nor for a catch-all");
}

/* The last test: without its secret the root has no answer for a stranger. */
static void
test_trouble(void)
{
	struct scram_salt salt;
	struct address account;

	put_file("passwords/.secret", OCTETS("short"), 0600);
	CHECK(check(OCTETS("eve@example.com"), "secret") == PASSWORD_FAILED &&
	    log_in("eve@example.com", "secret", &salt, &account) ==
	    PASSWORD_FAILED, "a stranger, and no secret: cannot be checked");
	CHECK(check(OCTETS("bob@example.com"), "secret") == PASSWORD_RIGHT &&
	    log_in("bob@example.com", "secret", &salt, &account) ==
	    PASSWORD_RIGHT, "who has a password does not need it");
	CHECK(set_password("bob@example.com", OCTETS("secret")) != STORE_OK,
	    "but none is set before this has been put right");
}

int
main(void)
{
	(void)make_directory();
	must(root_make(&root, path_of(".")) == STORE_OK, "no mail root");
	make_account("bob@example.com");
	make_account("none@example.com");
	make_account("ren\xc3\xa9@example.com");
	make_account("*@example.com");
	must(set_password("bob@example.com", OCTETS("secret")) == STORE_OK &&
	    set_password("ren\xc3\xa9@example.com", OCTETS("secret")) ==
	    STORE_OK && set_password("left@example.com", OCTETS("secret")) ==
	    STORE_OK, "no password");
	test_secret_beforehand();
	test_users();
	test_account();
	test_files();
	test_no_files();
	test_passwords();
	test_setting();
	test_removing();
	test_scram();
	test_scram_made_up();
	test_scram_unknown();
	test_program();
	test_program_not_asked();
	test_trouble();
	root_close(&root);
	return check_end();
}

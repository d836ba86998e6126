/*
 * Names of messages: base names, the sizes that stand behind them, and the
 * count of what a message is on the wire.
 */
#include "store/maildir.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/check.h"

#define ID "0f3a1badc0ffee1234567"

/* SECONDS.ID. and what is left of 70 octets for the host. */
static const struct {
	const char *name;
	int64_t seconds;
	const char *host;
	const char *base;
} bases[] = {
	{ "a host", 1700000000, "mx.example.org",
	  "1700000000." ID ".mx.example.org" },
	{ "capitals and a port", 1700000000, "MX-1.example:25",
	  "1700000000." ID ".MX-1.example_25" },
	{ "octets that a name may not have", 1700000000,
	  "a/b:c,d e\tf\x7fg\xc3\xa9" "h!~",
	  "1700000000." ID ".a_b_c_d_e_f_g__h!~" },
	{ "a way up", 1700000000, "../../x", "1700000000." ID "..._.._x" },
	{ "no host at all", 1700000000, "", "1700000000." ID "." },
	{ "a host that is just short enough", 1700000000,
	  "abcdefghijklmnopqrstuvwxyz.0123456789",
	  "1700000000." ID ".abcdefghijklmnopqrstuvwxyz.0123456789" },
	{ "a host that is one octet too long", 1700000000,
	  "abcdefghijklmnopqrstuvwxyz.0123456789x",
	  "1700000000." ID ".abcdefghijklmnopqrstuvwxyz.0123456789" },
	{ "a host that is far too long", 1700000000,
	  "abcdefghijklmnopqrstuvwxyz.0123456789.abcdefghijklmnopqrstuvwxyz"
	  ".0123456789.abcdefghijklmnopqrstuvwxyz.0123456789.example.org",
	  "1700000000." ID ".abcdefghijklmnopqrstuvwxyz.0123456789" },
	{ "a time after the year 2286", 10000000000, "x", "10000000000." ID ".x" },
	{ "a clock before 1970", -5, "x", "0." ID ".x" },
};

static void
test_base_names(void)
{
	char name[BASE_NAME_OCTETS_MAX + 1];
	size_t i, k;

	for (i = 0; i < COUNT(bases); i++) {
		bool fit = true;

		maildir_base_name(name, bases[i].seconds, ID, bases[i].host);
		CHECK(strcmp(name, bases[i].base) == 0, "the base name with %s",
		    bases[i].name);
		for (k = 0; name[k] != '\0'; k++)
			fit &= name[k] > 0x20 && name[k] < 0x7f &&
			    strchr("/:,", name[k]) == NULL;
		CHECK(fit && strlen(name) <= 70, "is a unique-id for POP3 with %s",
		    bases[i].name); /* pop3-1939-7-b */
	}
}

static void
test_ids(void)
{
	char first[MESSAGE_ID_SIZE], later[MESSAGE_ID_SIZE];
	char again[MESSAGE_ID_SIZE];
	bool right = true;
	uint32_t microseconds;

	for (microseconds = 0; microseconds < 999999; microseconds += 3331) {
		right &= maildir_message_id(first, microseconds) == 0 &&
		    maildir_message_id(later, microseconds + 1) == 0 &&
		    strlen(first) == MESSAGE_ID_SIZE - 1 &&
		    strcmp(first, later) < 0;
	}
	CHECK(right, "ids sort as messages came within a second");
	CHECK(strspn(first, "0123456789abcdef") == strlen(first),
	    "ids are hexadecimal digits");
	(void)maildir_message_id(again, microseconds);
	(void)maildir_message_id(later, microseconds);
	CHECK(strcmp(again, later) != 0,
	    "ids of the same microsecond are different");
}

static const struct {
	const char *name;
	const char *file;
	size_t base;            /* the length of its base name */
	bool sized;
	uint64_t disk, wire;
} names[] = {
	{ "both sizes", "1.a.h,S=12,W=14", 5, true, 12, 14 },
	{ "both sizes and flags", "1.a.h,S=12,W=14:2,RS", 5, true, 12, 14 },
	{ "sizes the other way round", "1.a.h,W=14,S=12", 5, true, 12, 14 },
	{ "other fields between", "1.a.h,U=7,S=12,FMD5=0a,W=14:2,", 5, true, 12, 14 },
	{ "sizes of nothing", "1.a.h,S=0,W=0", 5, true, 0, 0 },
	{ "leading zeros", "1.a.h,S=0012,W=0014", 5, true, 12, 14 },
	{ "the largest number but one", "1.a.h,S=18446744073709551614,W=1", 5,
	  true, UINT64_MAX - 1, 1 },
	{ "no fields", "1.a.h", 5, false, 0, 0 },
	{ "flags alone", "1.a.h:2,S", 5, false, 0, 0 },
	{ "S= alone", "1.a.h,S=12", 5, false, 0, 0 },
	{ "W= alone", "1.a.h,W=14", 5, false, 0, 0 },
	{ "W= among the flags", "1.a.h,S=12:2,W=14", 5, false, 0, 0 },
	{ "both among the flags", "1.a.h:2,S=12,W=14", 5, false, 0, 0 },
	{ "small letters", "1.a.h,s=12,w=14", 5, false, 0, 0 },
	{ "an empty value", "1.a.h,S=,W=14", 5, false, 0, 0 },
	{ "no equals sign", "1.a.h,S12,W14", 5, false, 0, 0 },
	{ "a sign", "1.a.h,S=-12,W=14", 5, false, 0, 0 },
	{ "letters behind the digits", "1.a.h,S=12k,W=14", 5, false, 0, 0 },
	{ "a size past 64 bits", "1.a.h,S=12,W=18446744073709551616", 5, false, 0, 0 },
	{ "a size of 2^64 - 1", "1.a.h,S=18446744073709551615,W=1", 5, false, 0, 0 },
	{ "another field that ends in S=", "1.a.h,XS=12,XW=14", 5, false, 0, 0 },
	{ "sizes without a comma", "1.a.hS=12W=14", 13, false, 0, 0 },
	{ "nothing before the comma", ",S=12,W=14", 0, true, 12, 14 },
	{ "an empty field between", "1.a.h,,S=12,,W=14,", 5, true, 12, 14 },
	{ "an empty name", "", 0, false, 0, 0 },
};

static void
test_sizes_in_names(void)
{
	struct message_sizes sizes;
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		bool sized = maildir_sizes_in(names[i].file, &sizes);

		CHECK(sized == names[i].sized && (!sized ||
		    (sizes.disk == names[i].disk && sizes.wire == names[i].wire)),
		    "%s in a name: %s", names[i].name,
		    names[i].sized ? "believed" : "not both sizes");
		CHECK(maildir_base_length(names[i].file) == names[i].base,
		    "%s in a name: where the base name ends", names[i].name);
	}
}

static void
test_message_names(void)
{
	static const struct message_sizes most = { UINT64_MAX, UINT64_MAX };
	static const struct message_sizes some = { 1234, 1250 };
	char base[BASE_NAME_OCTETS_MAX + 1], name[MESSAGE_NAME_SIZE];
	struct message_sizes sizes;

	maildir_message_name(name, "1.a.h", &some);
	CHECK(strcmp(name, "1.a.h,S=1234,W=1250") == 0,
	    "a message's name is its base name and its sizes");
	CHECK(maildir_sizes_in(name, &sizes) && sizes.disk == 1234 &&
	    sizes.wire == 1250, "the sizes can be read from it");
	memset(base, 'x', sizeof base - 1);
	base[sizeof base - 1] = '\0';
	maildir_message_name(name, base, &most);
	CHECK(strlen(name) == 70 + 23 + 23,
	    "the longest name has room for the flags of other programs");
}

/* What maildir_name_with_sizes() makes with S=12 and W=14. */
static const struct {
	const char *name;
	const char *file;
	const char *sized;      /* NULL: it stays as it is */
} put_in[] = {
	{ "no fields", "1.a.h", "1.a.h,S=12,W=14" },
	{ "flags", "1.a.h:2,RS", "1.a.h,S=12,W=14:2,RS" },
	{ "the right S=", "1.a.h,S=12", "1.a.h,S=12,W=14" },
	{ "the right S= and flags", "1.a.h,S=12:2,", "1.a.h,S=12,W=14:2," },
	{ "another field", "1.a.h,U=7:2,S", "1.a.h,U=7,S=12,W=14:2,S" },
	{ "the right W= alone", "1.a.h,W=14", "1.a.h,W=14,S=12" },
	{ "sizes among the flags", "1.a.h:2,S=3,W=4", "1.a.h,S=12,W=14:2,S=3,W=4" },
	{ "another S=", "1.a.h,S=13", NULL },
	{ "an S= that is no number", "1.a.h,S=x", NULL },
	{ "another W=", "1.a.h,S=12,W=15", NULL },
	{ "another W= alone", "1.a.h,W=15:2,", NULL },
};

static void
test_putting_sizes_in(void)
{
	static const struct message_sizes sizes = { 12, 14 };
	char to[MESSAGE_NAME_SIZE], file[MESSAGE_NAME_SIZE];
	size_t i;

	for (i = 0; i < COUNT(put_in); i++) {
		const char *sized = put_in[i].sized;
		bool made = maildir_name_with_sizes(to, put_in[i].file, &sizes);

		CHECK(made == (sized != NULL) &&
		    (!made || strcmp(to, sized) == 0), "a name with %s %s",
		    put_in[i].name, sized != NULL ? "gets what it lacks" :
		    "is left alone");
	}
	memset(file, 'x', sizeof file);
	file[MESSAGE_NAME_SIZE - 1 - 10] = '\0';
	CHECK(maildir_name_with_sizes(to, file, &sizes) && strlen(to) == 255,
	    "a name that gets as long as a file's may be");
	file[MESSAGE_NAME_SIZE - 1 - 10] = 'x';
	file[MESSAGE_NAME_SIZE - 1 - 9] = '\0';
	CHECK(!maildir_name_with_sizes(to, file, &sizes),
	    "a name that would get too long is left alone");
}

static const struct {
	const char *name;
	const char *text;
	size_t length;
	uint64_t wire;
} messages[] = {
	{ "nothing", OCTETS(""), 0 },
	{ "one line", OCTETS("a\n"), 3 },
	{ "an empty line", OCTETS("\n"), 2 },
	{ "three lines", OCTETS("a: b\n\nc\n"), 11 },
	{ "CRLF", OCTETS("a\r\nb\r\n"), 6 },
	{ "CRLF alone", OCTETS("\r\n"), 2 },
	{ "both line ends", OCTETS("a\nb\r\nc\n\r\n\n"), 13 },
	{ "no last line end", OCTETS("a\nb"), 6 },
	{ "one octet", OCTETS("a"), 3 },
	{ "a CR at the end", OCTETS("a\r"), 4 },
	{ "a CR alone", OCTETS("\r"), 3 },
	{ "CR CR LF", OCTETS("a\r\r\n"), 4 },
	{ "LF CR", OCTETS("a\n\rb\n"), 7 },
	{ "a bare CR", OCTETS("a\rb\n"), 5 },
	{ "NULs", OCTETS("\0\n\0"), 6 },
	{ "a NUL between CR and LF", OCTETS("a\r\0\n"), 5 },
	{ "dots, which are not stuffed here", OCTETS(".\n..\n"), 7 },
	{ "eight bits", OCTETS("\xff\n\xfe"), 6 },
};

/* One count in the pieces that a text falls into when cut at two places. */
static struct message_sizes
count_cut(const char *text, size_t first, size_t second, size_t length)
{
	struct wire_count count;

	wire_count_init(&count);
	wire_count_add(&count, text, first);
	wire_count_add(&count, text + first, second - first);
	wire_count_add(&count, text + second, length - second);
	return wire_count_end(&count);
}

static void
test_counting(void)
{
	size_t i, first, second;

	for (i = 0; i < COUNT(messages); i++) {
		size_t length = messages[i].length;
		bool right = true;

		for (first = 0; first <= length; first++)
			for (second = first; second <= length; second++) {
				struct message_sizes sizes = count_cut(
				    messages[i].text, first, second, length);

				right &= sizes.disk == length &&
				    sizes.wire == messages[i].wire;
			}
		CHECK(right, "octets on the wire, cut anywhere: %s",
		    messages[i].name);
	}
}

/* A file larger than any buffer, with a line end of each kind at each place. */
static void
test_counting_a_file(void)
{
	FILE *file = tmpfile();
	struct message_sizes sizes = { 0, 0 };
	uint64_t disk = 0, wire = 0;
	unsigned i;

	for (i = 0; file != NULL && i < 40000; i++) {
		bool crlf = i % 3 == 0;
		int n = fprintf(file, "%u%s", i, crlf ? "\r\n" : "\n");

		disk += (uint64_t)n;
		wire += (uint64_t)n + !crlf;
	}
	CHECK(file != NULL && fputs("end", file) >= 0 && fflush(file) == 0 &&
	    lseek(fileno(file), 0, SEEK_SET) == 0 &&
	    maildir_count(fileno(file), &sizes) == STORE_OK &&
	    sizes.disk == disk + 3 && sizes.wire == wire + 5,
	    "a whole file is counted by reading it");
	CHECK(file != NULL && maildir_count(fileno(file), &sizes) == STORE_OK &&
	    sizes.disk == 0 && sizes.wire == 0,
	    "and from where it stands");
	if (file != NULL)
		fclose(file);
	CHECK(maildir_count(-1, &sizes) == STORE_FAILED,
	    "what cannot be read has no size");
}

static void
test_parts(void)
{
	CHECK(strcmp(maildir_part_name(MAILDIR_TMP), "tmp") == 0 &&
	    strcmp(maildir_part_name(MAILDIR_NEW), "new") == 0 &&
	    strcmp(maildir_part_name(MAILDIR_CUR), "cur") == 0,
	    "the parts of a Maildir are tmp, new and cur");
}

int
main(void)
{
	test_parts();
	test_base_names();
	test_ids();
	test_sizes_in_names();
	test_message_names();
	test_putting_sizes_in();
	test_counting();
	test_counting_a_file();
	return check_end();
}

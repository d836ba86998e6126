/*
 * The messages of SCRAM: those of RFC 7677's example, every way to be none,
 * and the borders between.
 */
#include "stdio/scram.h"

#include "store/base64.h"
#include "tests/lib/check.h"

/* RFC 7677 section 3 */
#define CLIENT_NONCE "rOprNGfwEbeRWgbNEkqO"
#define NONCE CLIENT_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define CLIENT_FIRST "n,,n=user,r=" CLIENT_NONCE
#define SERVER_FIRST "r=" NONCE ",s=" SALT ",i=4096"
#define WITHOUT_PROOF "c=biws,r=" NONCE
#define PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define CLIENT_FINAL WITHOUT_PROOF ",p=" PROOF
#define SIGNATURE "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
#define SERVER_FINAL "v=" SIGNATURE

/* What is no key: 31 and 33 octets, and 32 that are not in proper base 64. */
#define KEY_31 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="
#define KEY_33 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
#define KEY_BITS "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVR="
#define KEY_BARE "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ"
#define KEY_URL "dHzbZapWIk4jUhN-Ute9ytag9zjfMHgsqmmiz7AndVQ="

/* 128 octets, the longest salt that is taken, and 129. */
#define ZEROS_60 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"       /* 60 octets */
#define SALT_128 ZEROS_60 ZEROS_60 "AAAAAAAAAAA="
#define SALT_129 ZEROS_60 ZEROS_60 "AAAAAAAAAAAA"

/* e with acute, the euro sign: a name need not be ASCII, a nonce must be */
#define ACUTE "\xc3\xa9"
#define EURO "\xe2\x82\xac"

/* Every character that a nonce may have. */
#define PRINTABLE "!\"#$%&'()*+-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

struct message {
	const char *name;
	const char *octets;
	size_t length;
	const char *parts;      /* what is found, in lines; NULL: refused */
};

/* header, bare, nonce, user, authzid */
static const struct message client_firsts[] = {
	{ "RFC 7677's", OCTETS(CLIENT_FIRST),
	  "n,,\nn=user,r=" CLIENT_NONCE "\n" CLIENT_NONCE "\nuser\n" },
	{ "RFC 5802's", OCTETS("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"),
	  "n,,\nn=user,r=fyko+d2lbbFgONRv9qkxdawL\nfyko+d2lbbFgONRv9qkxdawL\nuser\n" },
	{ "flag y", OCTETS("y,,n=user,r=abc"),
	  "y,,\nn=user,r=abc\nabc\nuser\n" },
	{ "an authorization identity", OCTETS("n,a=admin,n=user,r=abc"),
	  "n,a=admin,\nn=user,r=abc\nabc\nuser\nadmin" },
	{ "flag y and an authorization identity", OCTETS("y,a=user,n=user,r=abc"),
	  "y,a=user,\nn=user,r=abc\nabc\nuser\nuser" },
	{ "the shortest", OCTETS("n,,n=u,r=a"), "n,,\nn=u,r=a\na\nu\n" },
	{ "an extension", OCTETS("n,,n=user,r=abc,x=1"),
	  "n,,\nn=user,r=abc,x=1\nabc\nuser\n" },
	{ "extensions of all kinds", OCTETS("n,,n=user,r=abc,x=1,Y==,z=" EURO ",M=m=m"),
	  "n,,\nn=user,r=abc,x=1,Y==,z=" EURO ",M=m=m\nabc\nuser\n" },
	{ "escapes, left as they are", OCTETS("n,a==3D,n=us=2Cer,r=abc"),
	  "n,a==3D,\nn=us=2Cer,r=abc\nabc\nus=2Cer\n=3D" },
	{ "a bad escape, which is the name's", OCTETS("n,,n=a=b,r=abc"),
	  "n,,\nn=a=b,r=abc\nabc\na=b\n" },
	{ "a name with spaces and equals signs", OCTETS("n,,n= a=3D ,r=abc"),
	  "n,,\nn= a=3D ,r=abc\nabc\n a=3D \n" },
	{ "a name in UTF-8", OCTETS("n,,n=Ren" ACUTE ",r=abc"),
	  "n,,\nn=Ren" ACUTE ",r=abc\nabc\nRen" ACUTE "\n" },
	{ "a nonce of all characters", OCTETS("n,,n=user,r=" PRINTABLE),
	  "n,,\nn=user,r=" PRINTABLE "\n" PRINTABLE "\nuser\n" },

	{ "nothing", OCTETS(""), NULL },
	{ "one comma", OCTETS(","), NULL },
	{ "commas alone", OCTETS(",,,"), NULL },
	{ "the flag alone", OCTETS("n"), NULL },
	{ "the header alone", OCTETS("n,,"), NULL },
	{ "an authorization identity alone", OCTETS("n,a=user"), NULL },
	{ "no header", OCTETS("n=user,r=abc"), NULL },
	{ "no flag", OCTETS(",,n=user,r=abc"), NULL },
	{ "channel binding", OCTETS("p=tls-unique,,n=user,r=abc"), NULL },
	{ "channel binding of TLS 1.3", OCTETS("p=tls-exporter,,n=user,r=abc"), NULL },
	{ "channel binding without a name", OCTETS("p=,,n=user,r=abc"), NULL },
	{ "channel binding without an equals sign", OCTETS("p,,n=user,r=abc"), NULL },
	{ "flag N", OCTETS("N,,n=user,r=abc"), NULL },
	{ "flag Y", OCTETS("Y,,n=user,r=abc"), NULL },
	{ "flag x", OCTETS("x,,n=user,r=abc"), NULL },
	{ "a flag of two letters", OCTETS("nn,,n=user,r=abc"), NULL },
	{ "a flag with a value", OCTETS("n=,,n=user,r=abc"), NULL },
	{ "a space before the flag", OCTETS(" n,,n=user,r=abc"), NULL },
	{ "a space behind the flag", OCTETS("n ,,n=user,r=abc"), NULL },
	{ "the non-standard flag of GS2", OCTETS("F,n,,n=user,r=abc"), NULL },
	{ "a header with one comma", OCTETS("n,n=user,r=abc"), NULL },
	{ "a header with three commas", OCTETS("n,,,n=user,r=abc"), NULL },
	{ "an empty authorization identity", OCTETS("n,a=,n=user,r=abc"), NULL },
	{ "an authorization identity without =", OCTETS("n,a,n=user,r=abc"), NULL },
	{ "an authorization identity as A=", OCTETS("n,A=user,n=user,r=abc"), NULL },
	{ "an authorization identity twice", OCTETS("n,a=user,a=user,n=user,r=abc"), NULL },
	{ "an authorization identity behind the name", OCTETS("n,,n=user,a=user,r=abc"), NULL },
	{ "no comma behind the authorization identity", OCTETS("n,a=user;n=user,r=abc"), NULL },

	{ "a mandatory extension first", OCTETS("n,,m=x,n=user,r=abc"), NULL },
	{ "a mandatory extension behind the name", OCTETS("n,,n=user,m=x,r=abc"), NULL },
	{ "a mandatory extension last", OCTETS("n,,n=user,r=abc,m=x"), NULL },
	{ "a mandatory extension behind another", OCTETS("n,,n=user,r=abc,x=1,m=x"), NULL },
	{ "a mandatory extension before another", OCTETS("n,,n=user,r=abc,m=x,x=1"), NULL },
	{ "an extension before the name", OCTETS("n,,x=1,n=user,r=abc"), NULL },
	{ "an extension before the nonce", OCTETS("n,,n=user,x=1,r=abc"), NULL },

	{ "no name", OCTETS("n,,r=abc"), NULL },
	{ "an empty name", OCTETS("n,,n=,r=abc"), NULL },
	{ "a name without =", OCTETS("n,,n,r=abc"), NULL },
	{ "a name as N=", OCTETS("n,,N=user,r=abc"), NULL },
	{ "two names", OCTETS("n,,n=user,n=user,r=abc"), NULL },
	{ "a space before the name", OCTETS("n,, n=user,r=abc"), NULL },
	{ "the nonce before the name", OCTETS("n,,r=abc,n=user"), NULL },
	{ "an empty place before the nonce", OCTETS("n,,n=user,,r=abc"), NULL },
	{ "a comma in the name", OCTETS("n,,n=us,er,r=abc"), NULL },

	{ "no nonce", OCTETS("n,,n=user"), NULL },
	{ "no nonce, and a comma", OCTETS("n,,n=user,"), NULL },
	{ "an empty nonce", OCTETS("n,,n=user,r="), NULL },
	{ "an empty nonce and an extension", OCTETS("n,,n=user,r=,x=1"), NULL },
	{ "a nonce without =", OCTETS("n,,n=user,rabc"), NULL },
	{ "a nonce as R=", OCTETS("n,,n=user,R=abc"), NULL },
	{ "a space in the nonce", OCTETS("n,,n=user,r=a c"), NULL },
	{ "a space behind the nonce", OCTETS("n,,n=user,r=abc "), NULL },
	{ "a tab in the nonce", OCTETS("n,,n=user,r=a\tc"), NULL },
	{ "a DEL in the nonce", OCTETS("n,,n=user,r=a\x7f" "c"), NULL },
	{ "UTF-8 in the nonce", OCTETS("n,,n=user,r=" ACUTE), NULL },
	{ "a line end behind it", OCTETS("n,,n=user,r=abc\r\n"), NULL },

	{ "a comma at the end", OCTETS("n,,n=user,r=abc,"), NULL },
	{ "two commas at the end", OCTETS("n,,n=user,r=abc,,"), NULL },
	{ "a comma behind an extension", OCTETS("n,,n=user,r=abc,x=1,"), NULL },
	{ "an empty place between extensions", OCTETS("n,,n=user,r=abc,x=1,,y=2"), NULL },
	{ "an empty place before an extension", OCTETS("n,,n=user,r=abc,,x=1"), NULL },
	{ "an extension without a value", OCTETS("n,,n=user,r=abc,x="), NULL },
	{ "one without a value before another", OCTETS("n,,n=user,r=abc,x=,y=1"), NULL },
	{ "an extension without =", OCTETS("n,,n=user,r=abc,x"), NULL },
	{ "an extension without a name", OCTETS("n,,n=user,r=abc,=1"), NULL },
	{ "an extension of two letters", OCTETS("n,,n=user,r=abc,xy=1"), NULL },
	{ "an extension that is a digit", OCTETS("n,,n=user,r=abc,1=1"), NULL },
	{ "an extension before A", OCTETS("n,,n=user,r=abc,@=1"), NULL },
	{ "an extension behind Z", OCTETS("n,,n=user,r=abc,[=1"), NULL },
	{ "an extension before a", OCTETS("n,,n=user,r=abc,`=1"), NULL },
	{ "an extension behind z", OCTETS("n,,n=user,r=abc,{=1"), NULL },
	{ "an extension that is no ASCII", OCTETS("n,,n=user,r=abc," ACUTE "=1"), NULL },

	{ "a NUL in the name", OCTETS("n,,n=us\0er,r=abc"), NULL },
	{ "a NUL behind it", OCTETS("n,,n=user,r=abc\0"), NULL },
	{ "a NUL in an extension", OCTETS("n,,n=user,r=abc,x=\0"), NULL },
	{ "a name in Latin-1", OCTETS("n,,n=Ren\xe9,r=abc"), NULL },
	{ "an overlong slash in the name", OCTETS("n,,n=a\xc0\xaf,r=abc"), NULL },
	{ "a surrogate in the name", OCTETS("n,,n=a\xed\xa0\x80,r=abc"), NULL },
	{ "half a character at the end", OCTETS("n,,n=user,r=abc,x=\xe2\x82"), NULL },
	{ "Latin-1 in the authorization identity", OCTETS("n,a=\xe9,n=user,r=abc"), NULL },
};

/* binding, nonce, without proof; the proof is always RFC 7677's */
static const struct message client_finals[] = {
	{ "RFC 7677's", OCTETS(CLIENT_FINAL), "biws\n" NONCE "\n" WITHOUT_PROOF },
	{ "the header y,,", OCTETS("c=eSws,r=abc,p=" PROOF),
	  "eSws\nabc\nc=eSws,r=abc" },
	{ "an extension", OCTETS("c=biws,r=abc,x=1,p=" PROOF),
	  "biws\nabc\nc=biws,r=abc,x=1" },
	{ "extensions", OCTETS("c=biws,r=abc,x=1,P=2,z=p=3,p=" PROOF),
	  "biws\nabc\nc=biws,r=abc,x=1,P=2,z=p=3" },
	{ "a nonce that ends in p=", OCTETS("c=biws,r=p=,p=" PROOF),
	  "biws\np=\nc=biws,r=p=" },
	{ "a nonce of all characters", OCTETS("c=biws,r=" PRINTABLE ",p=" PROOF),
	  "biws\n" PRINTABLE "\nc=biws,r=" PRINTABLE },

	{ "nothing", OCTETS(""), NULL },
	{ "a star", OCTETS("*"), NULL },
	{ "the proof alone", OCTETS("p=" PROOF), NULL },
	{ "no binding", OCTETS("r=abc,p=" PROOF), NULL },
	{ "an empty binding", OCTETS("c=,r=abc,p=" PROOF), NULL },
	{ "a binding as C=", OCTETS("C=biws,r=abc,p=" PROOF), NULL },
	{ "two bindings", OCTETS("c=biws,c=biws,r=abc,p=" PROOF), NULL },
	{ "a comma first", OCTETS(",c=biws,r=abc,p=" PROOF), NULL },
	{ "a mandatory extension first", OCTETS("m=1,c=biws,r=abc,p=" PROOF), NULL },
	{ "an extension first", OCTETS("x=1,c=biws,r=abc,p=" PROOF), NULL },

	{ "no nonce", OCTETS("c=biws,p=" PROOF), NULL },
	{ "an empty nonce", OCTETS("c=biws,r=,p=" PROOF), NULL },
	{ "the nonce first", OCTETS("r=abc,c=biws,p=" PROOF), NULL },
	{ "an extension before the nonce", OCTETS("c=biws,x=1,r=abc,p=" PROOF), NULL },
	{ "a space in the nonce", OCTETS("c=biws,r=a c,p=" PROOF), NULL },
	{ "UTF-8 in the nonce", OCTETS("c=biws,r=" ACUTE ",p=" PROOF), NULL },
	{ "an empty place", OCTETS("c=biws,r=abc,,p=" PROOF), NULL },

	{ "a mandatory extension", OCTETS("c=biws,r=abc,m=x,p=" PROOF), NULL },
	{ "one behind another", OCTETS("c=biws,r=abc,x=1,m=x,p=" PROOF), NULL },
	{ "an extension without a value", OCTETS("c=biws,r=abc,x=,p=" PROOF), NULL },
	{ "an extension without =", OCTETS("c=biws,r=abc,x,p=" PROOF), NULL },
	{ "an extension that is a digit", OCTETS("c=biws,r=abc,1=1,p=" PROOF), NULL },

	{ "no proof", OCTETS("c=biws,r=abc"), NULL },
	{ "no proof, and a comma", OCTETS("c=biws,r=abc,"), NULL },
	{ "no proof, and an extension", OCTETS("c=biws,r=abc,x=1"), NULL },
	{ "an empty proof", OCTETS("c=biws,r=abc,p="), NULL },
	{ "a proof without =", OCTETS("c=biws,r=abc,p"), NULL },
	{ "a proof as P=", OCTETS("c=biws,r=abc,P=" PROOF), NULL },
	{ "the proof before the nonce", OCTETS("c=biws,p=" PROOF ",r=abc"), NULL },
	{ "the proof twice", OCTETS("c=biws,r=abc,p=" PROOF ",p=" PROOF), NULL },
	{ "an extension behind the proof", OCTETS("c=biws,r=abc,p=" PROOF ",x=1"), NULL },
	{ "a comma behind the proof", OCTETS("c=biws,r=abc,p=" PROOF ","), NULL },
	{ "a proof of 31 octets", OCTETS("c=biws,r=abc,p=" KEY_31), NULL },
	{ "a proof of 33 octets", OCTETS("c=biws,r=abc,p=" KEY_33), NULL },
	{ "a proof of one octet", OCTETS("c=biws,r=abc,p=AA=="), NULL },
	{ "a proof twice as long", OCTETS("c=biws,r=abc,p=" SALT_128), NULL },
	{ "bits behind the end of the proof", OCTETS("c=biws,r=abc,p=" KEY_BITS), NULL },
	{ "a proof without padding", OCTETS("c=biws,r=abc,p=" KEY_BARE), NULL },
	{ "a proof with more padding", OCTETS("c=biws,r=abc,p=" PROOF "="), NULL },
	{ "a proof in base64url", OCTETS("c=biws,r=abc,p=" KEY_URL), NULL },
	{ "a space behind the proof", OCTETS("c=biws,r=abc,p=" PROOF " "), NULL },
	{ "a line end behind the proof", OCTETS("c=biws,r=abc,p=" PROOF "\r\n"), NULL },
	{ "a NUL behind the proof", OCTETS("c=biws,r=abc,p=" PROOF "\0"), NULL },
	{ "Latin-1 in an extension", OCTETS("c=biws,r=abc,x=\xe9,p=" PROOF), NULL },
	{ "the first message again", OCTETS(CLIENT_FIRST), NULL },
};

/* nonce, salt in base 64, iterations */
static const struct message server_firsts[] = {
	{ "RFC 7677's", OCTETS(SERVER_FIRST), NONCE "\n" SALT "\n4096" },
	{ "4097 iterations", OCTETS("r=abc,s=" SALT ",i=4097"), "abc\n" SALT "\n4097" },
	{ "10000000 iterations", OCTETS("r=abc,s=" SALT ",i=10000000"),
	  "abc\n" SALT "\n10000000" },
	{ "a salt of one octet", OCTETS("r=abc,s=AA==,i=4096"), "abc\nAA==\n4096" },
	{ "a salt of 128 octets", OCTETS("r=abc,s=" SALT_128 ",i=4096"),
	  "abc\n" SALT_128 "\n4096" },
	{ "an extension", OCTETS("r=abc,s=" SALT ",i=4096,x=1"), "abc\n" SALT "\n4096" },
	{ "extensions", OCTETS("r=abc,s=" SALT ",i=4096,x=1,Z=" EURO),
	  "abc\n" SALT "\n4096" },

	{ "nothing", OCTETS(""), NULL },
	{ "an error in place of it", OCTETS("e=unknown-user"), NULL },
	{ "a final message in place of it", OCTETS(SERVER_FINAL), NULL },
	{ "a mandatory extension first", OCTETS("m=x,r=abc,s=" SALT ",i=4096"), NULL },
	{ "a mandatory extension last", OCTETS("r=abc,s=" SALT ",i=4096,m=x"), NULL },
	{ "an extension first", OCTETS("x=1,r=abc,s=" SALT ",i=4096"), NULL },
	{ "no nonce", OCTETS("s=" SALT ",i=4096"), NULL },
	{ "an empty nonce", OCTETS("r=,s=" SALT ",i=4096"), NULL },
	{ "a space in the nonce", OCTETS("r=a c,s=" SALT ",i=4096"), NULL },
	{ "UTF-8 in the nonce", OCTETS("r=" ACUTE ",s=" SALT ",i=4096"), NULL },
	{ "the salt first", OCTETS("s=" SALT ",r=abc,i=4096"), NULL },
	{ "the iterations before the salt", OCTETS("r=abc,i=4096,s=" SALT), NULL },
	{ "two nonces", OCTETS("r=abc,r=abc,s=" SALT ",i=4096"), NULL },
	{ "no salt", OCTETS("r=abc,i=4096"), NULL },
	{ "an empty salt", OCTETS("r=abc,s=,i=4096"), NULL },
	{ "two salts", OCTETS("r=abc,s=" SALT ",s=" SALT ",i=4096"), NULL },
	{ "a salt without padding", OCTETS("r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ,i=4096"), NULL },
	{ "bits behind the end of the salt",
	  OCTETS("r=abc,s=W22ZaJ0SNY7soEsUEjb6gR==,i=4096"), NULL },
	{ "a salt that is no base 64", OCTETS("r=abc,s=????,i=4096"), NULL },
	{ "a salt of 129 octets", OCTETS("r=abc,s=" SALT_129 ",i=4096"), NULL },
	{ "no iterations", OCTETS("r=abc,s=" SALT), NULL },
	{ "no iterations, and a comma", OCTETS("r=abc,s=" SALT ","), NULL },
	{ "empty iterations", OCTETS("r=abc,s=" SALT ",i="), NULL },
	{ "0 iterations", OCTETS("r=abc,s=" SALT ",i=0"), NULL },
	{ "1 iteration", OCTETS("r=abc,s=" SALT ",i=1"), NULL },
	{ "4095 iterations", OCTETS("r=abc,s=" SALT ",i=4095"), NULL },
	{ "10000001 iterations", OCTETS("r=abc,s=" SALT ",i=10000001"), NULL },
	{ "2^32 + 4096 iterations", OCTETS("r=abc,s=" SALT ",i=4294971392"), NULL },
	{ "2^64 + 4096 iterations",
	  OCTETS("r=abc,s=" SALT ",i=18446744073709555712"), NULL },
	{ "a leading zero", OCTETS("r=abc,s=" SALT ",i=04096"), NULL },
	{ "a sign", OCTETS("r=abc,s=" SALT ",i=+4096"), NULL },
	{ "a negative count", OCTETS("r=abc,s=" SALT ",i=-4096"), NULL },
	{ "a hexadecimal count", OCTETS("r=abc,s=" SALT ",i=0x1000"), NULL },
	{ "a space before the count", OCTETS("r=abc,s=" SALT ",i= 4096"), NULL },
	{ "a space behind the count", OCTETS("r=abc,s=" SALT ",i=4096 "), NULL },
	{ "a comma at the end", OCTETS(SERVER_FIRST ","), NULL },
	{ "an empty place", OCTETS(SERVER_FIRST ",,x=1"), NULL },
	{ "an extension without a value", OCTETS(SERVER_FIRST ",x="), NULL },
	{ "a NUL behind it", OCTETS(SERVER_FIRST "\0"), NULL },
	{ "a line end behind it", OCTETS(SERVER_FIRST "\r\n"), NULL },
	{ "Latin-1 in an extension", OCTETS(SERVER_FIRST ",x=\xe9"), NULL },
};

/* the signature in base 64 */
static const struct message server_finals[] = {
	{ "RFC 7677's", OCTETS(SERVER_FINAL), SIGNATURE },
	{ "an extension", OCTETS(SERVER_FINAL ",x=1"), SIGNATURE },
	{ "extensions", OCTETS(SERVER_FINAL ",x=1,Z=" EURO), SIGNATURE },

	{ "nothing", OCTETS(""), NULL },
	{ "an error", OCTETS("e=invalid-proof"), NULL },
	{ "another error", OCTETS("e=other-error,x=1"), NULL },
	{ "an empty error", OCTETS("e="), NULL },
	{ "an error before the signature", OCTETS("e=x," SERVER_FINAL), NULL },
	{ "an extension before the signature", OCTETS("x=1," SERVER_FINAL), NULL },
	{ "a mandatory extension first", OCTETS("m=1," SERVER_FINAL), NULL },
	{ "a mandatory extension last", OCTETS(SERVER_FINAL ",m=1"), NULL },
	{ "an empty signature", OCTETS("v="), NULL },
	{ "a signature without =", OCTETS("v" SIGNATURE), NULL },
	{ "a signature as V=", OCTETS("V=" SIGNATURE), NULL },
	{ "a signature of 31 octets", OCTETS("v=" KEY_31), NULL },
	{ "a signature of 33 octets", OCTETS("v=" KEY_33), NULL },
	{ "bits behind its end", OCTETS("v=" KEY_BITS), NULL },
	{ "no padding", OCTETS("v=" KEY_BARE), NULL },
	{ "base64url", OCTETS("v=" KEY_URL), NULL },
	{ "a comma at the end", OCTETS(SERVER_FINAL ","), NULL },
	{ "a space at the end", OCTETS(SERVER_FINAL " "), NULL },
	{ "a NUL at the end", OCTETS(SERVER_FINAL "\0"), NULL },
	{ "the client's proof", OCTETS("p=" PROOF), NULL },
};

static void
add_piece(struct text *text, const struct scram_piece *piece)
{
	if (piece->length > 0)          /* else there may be no start */
		text_add_octets(text, piece->start, piece->length);
}

/*
 * Each reads a message and, where it is one, writes its parts in lines.
 * *intact: nothing has been changed where it is none.
 */
typedef bool read_message(const char *octets, size_t length,
    struct text *parts, bool *intact);

static bool
is_filled(const void *memory, size_t size)
{
	const unsigned char *octets = memory;
	size_t i;

	for (i = 0; i < size; i++)
		if (octets[i] != 0x55)
			return false;
	return true;
}

static bool
read_client_first(const char *octets, size_t length, struct text *parts,
    bool *intact)
{
	struct scram_client_first first;

	memset(&first, 0x55, sizeof first);
	if (!scram_read_client_first(&first, octets, length)) {
		*intact = is_filled(&first, sizeof first);
		return false;
	}
	add_piece(parts, &first.header);
	text_add_octet(parts, '\n');
	add_piece(parts, &first.bare);
	text_add_octet(parts, '\n');
	add_piece(parts, &first.nonce);
	text_add_octet(parts, '\n');
	add_piece(parts, &first.user);
	text_add_octet(parts, '\n');
	add_piece(parts, &first.authzid);
	return true;
}

static bool
read_client_final(const char *octets, size_t length, struct text *parts,
    bool *intact)
{
	unsigned char proof[SHA256_OCTETS];
	struct scram_client_final final;
	size_t proof_length;

	memset(&final, 0x55, sizeof final);
	if (!scram_read_client_final(&final, octets, length)) {
		*intact = is_filled(&final, sizeof final);
		return false;
	}
	add_piece(parts, &final.binding);
	text_add_octet(parts, '\n');
	add_piece(parts, &final.nonce);
	text_add_octet(parts, '\n');
	add_piece(parts, &final.without_proof);
	must(base64_decode(PROOF, strlen(PROOF), proof, sizeof proof,
	    &proof_length), "no base 64");
	if (memcmp(proof, final.proof, sizeof proof) != 0)
		text_add(parts, "\nanother proof");
	return true;
}

static bool
read_server_first(const char *octets, size_t length, struct text *parts,
    bool *intact)
{
	struct scram_server_first first;

	memset(&first, 0x55, sizeof first);
	if (!scram_read_server_first(&first, octets, length)) {
		*intact = is_filled(&first, sizeof first);
		return false;
	}
	add_piece(parts, &first.nonce);
	text_add_octet(parts, '\n');
	base64_encode(parts, first.salt.octets, first.salt.length);
	text_add_octet(parts, '\n');
	text_add_number(parts, first.salt.iterations);
	return true;
}

static bool
read_server_final(const char *octets, size_t length, struct text *parts,
    bool *intact)
{
	unsigned char signature[SHA256_OCTETS];

	memset(signature, 0x55, sizeof signature);
	if (!scram_read_server_final(signature, octets, length)) {
		*intact = is_filled(signature, sizeof signature);
		return false;
	}
	base64_encode(parts, signature, sizeof signature);
	return true;
}

/* Whether a message is read as it should be. */
static bool
is_read(const struct message *message, read_message *read)
{
	char buffer[2048];
	struct text parts;
	bool intact = true;

	text_init(&parts, buffer, sizeof buffer);
	if (!read(message->octets, message->length, &parts, &intact))
		return message->parts == NULL && intact;
	if (message->parts == NULL)
		return false;
	if (strcmp(buffer, message->parts) != 0)
		printf("# found: %s\n", shown(buffer, parts.length));
	return strcmp(buffer, message->parts) == 0;
}

static const char *
what_becomes_of(const struct message *message)
{
	return message->parts == NULL ? "refused" : "taken";
}

static void
test_client_first(void)
{
	size_t i;

	for (i = 0; i < COUNT(client_firsts); i++)
		CHECK(is_read(&client_firsts[i], read_client_first),
		    "client-first with %s: %s", client_firsts[i].name,
		    what_becomes_of(&client_firsts[i])); /* scram-5802-5-a scram-5802-5-b scram-5802-5-h */
}

static void
test_client_final(void)
{
	size_t i;

	for (i = 0; i < COUNT(client_finals); i++)
		CHECK(is_read(&client_finals[i], read_client_final),
		    "client-final with %s: %s", client_finals[i].name,
		    what_becomes_of(&client_finals[i])); /* scram-5802-5-h */
}

static void
test_server_first(void)
{
	size_t i;

	for (i = 0; i < COUNT(server_firsts); i++)
		CHECK(is_read(&server_firsts[i], read_server_first),
		    "server-first with %s: %s", server_firsts[i].name,
		    what_becomes_of(&server_firsts[i])); /* scram-5802-5-c scram-7677-a */
}

static void
test_server_final(void)
{
	size_t i;

	for (i = 0; i < COUNT(server_finals); i++)
		CHECK(is_read(&server_finals[i], read_server_final),
		    "server-final with %s: %s", server_finals[i].name,
		    what_becomes_of(&server_finals[i])); /* scram-5802-5-f */
}

/*
 * A message that must not be taken with any octet of it made a NUL, or one
 * that is in no UTF-8, nor cut before least octets; taken from there on only
 * where what is cut off may be left out.
 */
static void
test_damage(const char *name, const char *message, size_t least,
    read_message *read)
{
	size_t length = strlen(message), i;
	unsigned taken_damaged = 0, taken_cut = 0;
	char damaged[256], buffer[1024];
	struct text parts;
	bool intact = true, still = true;

	for (i = 0; i < length; i++) {
		memcpy(damaged, message, length);
		text_init(&parts, buffer, sizeof buffer);
		damaged[i] = '\0';
		taken_damaged += read(damaged, length, &parts, &intact);
		still &= intact;
		damaged[i] = (char)0xff;
		taken_damaged += read(damaged, length, &parts, &intact);
		still &= intact;
	}
	for (i = 0; i < least; i++) {
		text_init(&parts, buffer, sizeof buffer);
		taken_cut += read(message, i, &parts, &intact);
		still &= intact;
	}
	CHECK(taken_damaged == 0, "%s: with a NUL or 0xFF anywhere, refused",
	    name); /* scram-5802-prep */
	CHECK(taken_cut == 0 && still, "%s: cut before octet %zu, refused",
	    name, least);
}

/* Messages as long as allowed, and one octet longer. */
static void
test_longest(void)
{
	static char room[SCRAM_MESSAGE_OCTETS_MAX + 1];
	struct scram_client_first first;
	struct scram_client_final final;
	struct scram_server_first server;
	unsigned char signature[SHA256_OCTETS];
	size_t proof = strlen(",p=" PROOF), salt = strlen(",s=" SALT ",i=4096");

	memset(room, 'x', sizeof room);
	memcpy(room, "n,,n=u,r=", 9);
	CHECK(scram_read_client_first(&first, room, sizeof room - 1) &&
	    first.nonce.length == SCRAM_MESSAGE_OCTETS_MAX - 9 &&
	    !scram_read_client_first(&first, room, sizeof room),
	    "client-first of 2048 octets taken, of 2049 refused");

	memset(room, 'x', sizeof room);
	memcpy(room, "c=biws,r=", 9);
	memcpy(room + sizeof room - 1 - proof, ",p=" PROOF, proof);
	CHECK(scram_read_client_final(&final, room, sizeof room - 1),
	    "client-final of 2048 octets taken");
	memcpy(room + sizeof room - 1 - proof, "x,p=" PROOF, proof + 1);
	CHECK(!scram_read_client_final(&final, room, sizeof room),
	    "client-final of 2049 octets refused");

	memset(room, 'x', sizeof room);
	memcpy(room, "r=", 2);
	memcpy(room + sizeof room - 1 - salt, ",s=" SALT ",i=4096", salt);
	CHECK(scram_read_server_first(&server, room, sizeof room - 1),
	    "server-first of 2048 octets taken");
	memcpy(room + sizeof room - 1 - salt, "x,s=" SALT ",i=4096", salt + 1);
	CHECK(!scram_read_server_first(&server, room, sizeof room),
	    "server-first of 2049 octets refused");

	memset(room, 'x', sizeof room);
	memcpy(room, SERVER_FINAL ",x=", strlen(SERVER_FINAL ",x="));
	CHECK(scram_read_server_final(signature, room, sizeof room - 1) &&
	    !scram_read_server_final(signature, room, sizeof room),
	    "server-final of 2048 octets taken, of 2049 refused");
}

static const struct {
	const char *name;
	const char *sent;
	const char *meant;      /* NULL: refused */
	size_t meant_length;
} names[] = {
	{ "one without either", "user", OCTETS("user") },
	{ "an empty one", "", OCTETS("") },
	{ "a comma", "=2C", OCTETS(",") },
	{ "an equals sign", "=3D", OCTETS("=") },
	{ "both", "a=2Cb=3Dc", OCTETS("a,b=c") },
	{ "one behind the other", "=3D=2C=3D=2C", OCTETS("=,=,") },
	{ "a comma, then C", "=2CC", OCTETS(",C") },
	{ "what looks like an escape afterwards", "=3D2C", OCTETS("=2C") },
	{ "a whole address", "bob+x=3Dy@example.com", OCTETS("bob+x=y@example.com") },
	{ "UTF-8", "Ren" ACUTE, OCTETS("Ren" ACUTE) },

	{ "an equals sign alone", "=", NULL, 0 },
	{ "an equals sign at the end", "user=", NULL, 0 },
	{ "half an escape at the end", "user=2", NULL, 0 },
	{ "half the other at the end", "user=3", NULL, 0 },
	{ "an equals sign as it is", "a=b=c", NULL, 0 },
	{ "two of them", "==3D", NULL, 0 },
	{ "small letters, =2c", "=2c", NULL, 0 },
	{ "small letters, =3d", "=3d", NULL, 0 },
	{ "an escape that need not be", "=41lice", NULL, 0 },
	{ "an escaped NUL", "=00", NULL, 0 },
	{ "mixed up, =2D", "=2D", NULL, 0 },
	{ "mixed up, =3C", "=3C", NULL, 0 },
	{ "percent and equals", "%2C=", NULL, 0 },
};

static bool
decode(const char *sent, size_t sent_length, char name[SASL_NAME_OCTETS_MAX],
    size_t *length)
{
	const struct scram_piece piece = { sent, sent_length };

	return scram_name_decode(&piece, name, length);
}

static void
test_names(void)
{
	char name[SASL_NAME_OCTETS_MAX];
	size_t i, length;

	for (i = 0; i < COUNT(names); i++) {
		bool taken = decode(names[i].sent, strlen(names[i].sent), name,
		    &length);

		CHECK(taken == (names[i].meant != NULL) && (!taken ||
		    same(name, length, names[i].meant, names[i].meant_length)),
		    "a name with %s: %s", names[i].name,
		    names[i].meant == NULL ? "refused" : "taken"); /* scram-5802-5-g */
	}
}

/* The piece ends where it ends, whatever stands behind it. */
static void
test_name_borders(void)
{
	static char sent[3 * SASL_NAME_OCTETS_MAX + 3];
	char name[SASL_NAME_OCTETS_MAX];
	size_t length, i;
	bool right = true;

	CHECK(!decode("=2C", 2, name, &length) && !decode("=3D", 1, name,
	    &length), "an escape is not read past the end of its name");
	memset(sent, 'x', sizeof sent);
	CHECK(decode(sent, SASL_NAME_OCTETS_MAX, name, &length) &&
	    length == SASL_NAME_OCTETS_MAX &&
	    !decode(sent, SASL_NAME_OCTETS_MAX + 1, name, &length),
	    "a name of 511 octets taken, of 512 refused");
	for (i = 0; i < sizeof sent; i += 3)
		memcpy(sent + i, "=2C", 3);
	CHECK(decode(sent, sizeof sent - 3, name, &length) &&
	    length == SASL_NAME_OCTETS_MAX &&
	    !decode(sent, sizeof sent, name, &length),
	    "so is one of commas alone");
	for (i = 0; i < length; i++)
		right &= name[i] == ',';
	CHECK(right, "and it has all of them");
}

static void
test_name_round_trip(void)
{
	char octets[256], sent[1024], name[SASL_NAME_OCTETS_MAX];
	struct text text;
	size_t i, length;

	for (i = 0; i < sizeof octets; i++)
		octets[i] = (char)i;
	text_init(&text, sent, sizeof sent);
	scram_name_encode(&text, octets, sizeof octets);
	CHECK(text.length == sizeof octets + 4 && memchr(sent, ',',
	    text.length) == NULL, "in a name only , and = are escaped");
	CHECK(decode(sent, text.length, name, &length) &&
	    same(name, length, octets, sizeof octets),
	    "and every octet comes back"); /* scram-5802-5-g */
	text_init(&text, sent, sizeof sent);
	text_add(&text, "n=");
	scram_name_encode(&text, OCTETS("a,b=c"));
	CHECK(strcmp(sent, "n=a=2Cb=3Dc") == 0,
	    "a name is added behind what is there");
}

int
main(void)
{
	test_client_first();
	test_client_final();
	test_server_first();
	test_server_final();
	test_damage("client-first", CLIENT_FIRST, strlen("n,,n=user,r=r"),
	    read_client_first);
	test_damage("client-final", CLIENT_FINAL, strlen(CLIENT_FINAL),
	    read_client_final);
	test_damage("server-first", SERVER_FIRST, strlen(SERVER_FIRST),
	    read_server_first);
	test_damage("server-final", SERVER_FINAL, strlen(SERVER_FINAL),
	    read_server_final);
	test_longest();
	test_names();
	test_name_borders();
	test_name_round_trip();
	return check_end();
}

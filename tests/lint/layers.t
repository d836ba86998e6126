# tests/lint-layers finds each thing that it is there to find, and nothing in a house in order.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use Test::More;
use PeerTest;

my $lint = abs_path('tests/lint-layers');

# A small house: a header on each floor and a program with its manual
my %house = (
	'store/text.h' => "struct text;\n",
	'store/mailbox.h' => "#include \"store/text.h\"\n",
	'store/durable.c' => "\treturn openat(at, name, flags);\n",
	'store/terminal.c' => "\tgot = read(0, &octet, 1);\n\tdurable_close(0);\n",
	'stdio/log.h' => "#include \"store/text.h\"\n",
	'pop3-stdio/session.h' => "#include \"stdio/log.h\"\n#include \"store/mailbox.h\"\n",
	'smtp-stdio/smtp-stdio.c' => "#include \"stdio/log.h\"\n\nint\nmain(void)\n{\n" .
		"\treturn getopt(argc, argv, \"ad:\");\n}\n",
	'smtp-stdio/smtp-stdio.8' => ".Bl -tag\n.It Fl a\nA.\n.It Fl d Ar root\nD.\n.El\n",
);

sub said
{
	my %changes = @_;
	my %files = (%house, %changes);
	my $dir = scratch_dir();

	mkdir "$dir/$_" for 'store', 'stdio', 'smtp-stdio', 'pop3-stdio';
	spew("$dir/$_", $files{$_}) for grep { defined $files{$_} } keys %files;
	my ($status, undef, $said) = run(['sh', '-c', "cd '$dir' && exec '$lint'"]);
	is($status != 0, $said ne '', 'the status says the same as the text');
	return $said;
}

is(said(), '', 'a house in order');
for (
	['the store knows nothing of connections', qr{store/text\.h may not include stdio/line\.h},
		'stdio/line.h' => '', 'store/text.h' => "#include \"stdio/line.h\"\n"],
	['stdio knows little of the store', qr{stdio/log\.h may not include store/mailbox\.h},
		'stdio/log.h' => "#include \"store/mailbox.h\"\n"],
	['one protocol knows nothing of the other', qr{smtp-stdio/a\.c may not include pop3-stdio/session\.h},
		'smtp-stdio/a.c' => "#include \"pop3-stdio/session.h\"\n"],
	['a circle of headers', qr{a circle: .*store/mailbox},
		'store/text.h' => "#ifndef T\n#define T\n#include \"store/mailbox.h\"\n#endif\n"],
	['a header that needs another one before it', qr{store/alone\.h does not compile alone},
		'store/alone.h' => "size_t octets(void);\n"],
	['an include that is not there', qr{log\.h is not written from the root},
		'stdio/peer.c' => "#include \"log.h\"\n"],
	['a long file', qr{store/long\.c: 501 lines}, 'store/long.c' => "\n" x 501],
	['a file opened past store/durable', qr{store/root\.c:3: openat\(\) is for store/durable\.c},
		'store/root.c' => "/* open(2) */\n\n\tdirectory = openat(at, \"close(0)\", 0);\n"],
	['a file changed past store/durable', qr{store/root\.c:1: fstatvfs\(\).*store/root\.c:2: rename\(\)}s,
		'store/root.c' => "fstatvfs(root, &system);\nrename(a, b);\n"],
	['a program without a manual', qr{no manual page}, 'smtp-stdio/smtp-stdio.8' => undef],
	['a flag that the manual forgets', qr{no \.It Fl a$},
		'smtp-stdio/smtp-stdio.8' => ".It Fl d Ar root\n"],
	['a flag that the program forgets', qr{smtp-stdio\.c has no -b},
		'smtp-stdio/smtp-stdio.8' => "$house{'smtp-stdio/smtp-stdio.8'}.It Fl b\n"],
) {
	my ($what, $pattern, %changes) = @$_;
	like(said(%changes), qr/$pattern/m, $what);
}

done_testing();

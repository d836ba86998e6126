# tests/lint-ids believes an id only where it stands on an assertion.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use Test::More;
use PeerTest;

my $lint = abs_path('tests/lint-ids');

# What it says of a list with smtp-5321-4.2-a and smtp-stdio-e, and of one test file
sub said
{
	my ($name, $text) = @_;
	my $dir = scratch_dir();

	mkdir "$dir/$_" for 'tests', 'tests/x';
	spew("$dir/tests/requirements.txt", "# list\n\nsmtp-5321-4.2-a\tform\nsmtp-stdio-e  faults\n");
	spew("$dir/tests/x/$name", $text);
	my ($status, undef, $said) = run(['sh', '-c', "cd '$dir' && exec '$lint'"]);
	is($status != 0, $said ne '', 'the status says the same as the text');
	return $said;
}

my $both = "no assertion shows smtp-5321-4.2-a\nno assertion shows smtp-stdio-e\n";
for (
	['on an S: line and on an outcome', '',
		'a.session', "S: 220 <any>  ## smtp-5321-4.2-a\nend: 77 ## smtp-stdio-e\n"],
	['two on a line', '', 'a.session', "S: 220 <any>\t## smtp-5321-4.2-a smtp-stdio-e\n"],
	['in a comment and a header', $both,
		'a.session', "# smtp-5321-4.2-a\nflags: -e 2 ## smtp-stdio-e\n\nC: QUIT ## smtp-stdio-e\n"],
	['in the text of a line', $both, 'a.session', "S: 250 smtp-5321-4.2-a smtp-stdio-e\n"],
	['among the words of an assertion, also of one over two lines', '',
		'a.t', "is(1, 1, 'smtp-5321-4.2-a');\nlike(\$x,\n\tqr/x/, 'y');  ## smtp-stdio-e\n"],
	['on a function that asserts', '',
		'a.t', "sub same\n{\n\tis(\$_[0], 1);\n}\nsub very\n{\n\tsame(1);\n}\nvery('smtp-5321-4.2-a smtp-stdio-e');\n"],
	['on other statements', $both,
		'a.t', "# ok(1, 'smtp-5321-4.2-a')\nmy \$x = 'smtp-5321-4.2-a';\nsend(1); ## smtp-stdio-e\n"],
	['on the checks of a C test', '',
		'a_test.c', "\tCHECK(1 == 1); /* smtp-5321-4.2-a */\n\tCHECK(\"smtp-stdio-e\",\n\t    2);\n"],
	['in the comments of one', $both,
		'a_test.c', "/*\n * smtp-5321-4.2-a\n */\nint smtp = 1; /* smtp-stdio-e */\n"],
	['that is not in the list', "tests/x/a.session:1: smtp-5321-4.2-b is not in tests/requirements.txt\n$both",
		'a.session', "S: 220 <any> ## smtp-5321-4.2-b\n"],
	['one of which begins like another', 'no assertion shows smtp-5321-4.2-a' . "\n",
		'a.session', "S: 220 <any> ## smtp-stdio-e\nS: 220 <any> smtp-5321-4.2-a-x\n"],
	['and the names of the programs', $both, 'a.t', "is(1, 1, 'smtp-stdio pop3-stdio');\n"],
) {
	my ($what, $expected, $name, $text) = @$_;
	is(said($name, $text), $expected, "ids $what ($name)");
}

done_testing();

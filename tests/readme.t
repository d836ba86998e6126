# README.md says nothing that was not run.  Above each of its fenced sh blocks stands a
# comment that tells how it is shown:
#
#	<!-- run -->			here: the blocks run one after the other, each in a
#					shell of its own, in a copy of the tree
#	<!-- run: prints -->		and the fenced block below it is what that prints; "..."
#					stands for any text, alone on a line for any lines
#	<!-- run; needs NAME ... -->	the same for one that needs these programs, each as
#					NAME or, where it is in another, NAME:PACKAGE
#	<!-- run by FILE -->		this one reads README.md, and runs the block as it stands
#	<!-- shown by FILE ... -->	each command stands in one of these files, which runs it
#
# What a block makes, the next ones find.  Where it listens on this host, it is on a port
# that is free.  Each file of tests that it names is there.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

-e 'README.md' or plan skip_all => 'there is no README.md';
my $readme = slurp('README.md');

# (how, commands, what is printed) of each block
my @blocks;
my $rest = $readme;
while ($rest =~ /\A(.*?)^```sh\n(.*?)^```\n(.*)/ms) {
	my ($before, $commands, $behind) = ($1, $2, $3);
	my ($how) = $before =~ /^<!-- ([^\n]*) -->\n\z/m;
	my ($prints) = $behind =~ /\A\n*```(?:text)?\n(.*?)^```\n/ms;
	push @blocks, [$how, $commands, $prints];
	$rest = $behind;
}
ok(scalar @blocks, 'there are commands in README.md');
is(scalar @blocks, scalar(() = $readme =~ /^```sh$/mg), 'each block is read');

my $tree = scratch_dir() . '/tree';
my ($status) = run(['sh', '-c', 'mkdir "$1" && tar cf - --exclude=./.git --exclude=./build . | tar xf - -C "$1"', 'sh', $tree]);
is($status, 0, 'a copy of the tree');

# Runs a block, which succeeds and prints this, if it is to be looked at.
sub runs
{
	my ($commands, $prints) = @_;

	my %port;
	$commands =~ s/\b(?:localhost|127\.0\.0\.1):\K(\d+)/$port{$1} ||= free_port()/ge;
	# What make was told about these very tests is not for the make in there
	my ($status, $out, $error) = run(['sh', '-c',
		'unset MAKEFLAGS MAKELEVEL BUILD STRICT SANITIZE SANITIZED; cd "$1" && eval "set -e; $2"', 'sh', $tree, $commands], seconds => 120);
	is($status, 0, 'runs') or diag($out, $error);
	return if !defined $prints;
	my $pattern = join "\n", map {
		$_ eq '...' ? '.*' : join '[^\n]*', map { quotemeta } split /\.\.\./, $_, -1
	} split /\n/, $prints;
	# The CR of a protocol line is not seen on a terminal
	like("$out$error" =~ s/\r$//mgr, qr/\A$pattern\n?\z/s, 'prints what README.md says');
}

for (@blocks) {
	my ($how, $commands, $prints) = @$_;
	my ($name) = $commands =~ /\A([^\n]*)/;

	if (!defined $how) {
		fail("$name: nothing says how this is shown");
	} elsif ($how =~ /^run(: prints)?(?:; needs (.+))?$/) {
		my ($printed, @needs) = ($1, split ' ', $2 // '');
		subtest_with { map { /^(.*?)(?::(.*))?$/; ($1 => $2 // $1) } @needs }, $name => sub {
			runs($commands, $printed && ($prints // ''));
		};
	} elsif ($how =~ /^run by (.+)$/) {
		like(slurp($1), qr/README\.md/, "$name: is run by $1");
	} elsif ($how =~ /^shown by (.+)$/) {
		my @files = grep { ok(-e $_, "$_ is there") } split ' ', $1;
		my $text = join '', map { slurp($_) } @files;
		for my $command (grep { !/^\s*(?:#|$)/ } split /\n/, $commands) {
			$command =~ s/\s+# .*//;
			ok(index($text, $command) >= 0, "$command: is run by @files");
		}
	} else {
		fail("$name: what is '$how'?");
	}
}

my @named = grep { !/NAME/ } $readme =~ m{`(tests/[^\s`]+)`}g;
is(join(' ', grep { !grep { -e } glob } @named), '', 'all tests that it names are there');

done_testing();

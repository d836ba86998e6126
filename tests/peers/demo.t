# What `make demo` runs shows both conversations and the mail that came out, and does not
# call a failure a success.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

# A build directory of its own, so that somebody's `make demo` may run meanwhile
my $build = scratch_dir();
symlink program($_), "$build/$_" for 'smtp-stdio', 'pop3-stdio', 'mailstore';

my ($status, $out, $error) = run(['tests/demo'], env => { BUILD => $build });
is($status, 0, 'it ends well') or diag($out, $error);
is($error, '', 'without complaint');

my @lines = split /\n/, $out;
like($lines[0] . $lines[1], qr/^1\. /, 'says first what it does');
for my $step (
	[ 'S: 220 ', 'C: EHLO ' ], [ 'S: 250 2.1.5 ', 'C: DATA' ], [ 'C: DATA', 'S: 354 ' ],
	[ 'C: .', 'S: 250 2.0.0 ' ], [ 'C: QUIT', 'S: 221 ' ], [ 'S: +OK ', 'C: USER ' ],
	[ 'C: STAT', 'S: +OK 2 ' ], [ 'C: RETR 1', 'S: +OK' ], [ 'C: DELE 1', 'S: +OK' ],
) {
	my ($first, $then) = @$step;
	like($out, qr/^\Q$first\E.*\n\Q$then\E/m, "behind '$first' stands '$then'");
}
my @boundaries = grep { /^[CS]: --=_demo/ } @lines;
is(scalar @boundaries, 6, 'the parts of the message are seen going in and coming out');

# The same again, where a program is not what it should be
for my $program ('smtp-stdio', 'pop3-stdio', 'mailstore') {
	unlink "$build/$program";
	symlink '/bin/false', "$build/$program";
	($status, $out) = run(['tests/demo'], env => { BUILD => $build });
	isnt($status, 0, "fails with a $program that fails");
	like($out, qr/^Not as expected: /m, 'and says so');
	unlink "$build/$program";
	symlink program($program), "$build/$program";
}

done_testing();

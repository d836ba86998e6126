#!/usr/bin/perl
# At a terminal a password is asked for twice, and not shown; nothing is set where the two
# differ, where there is none, or none that could be sent; the terminal shows again what is typed.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use Program;
use StoreTest;
use Test::More;

StoreTest::missing('needs script (Debian package bsdutils)') unless grep { -x "$_/script" } split /:/, $ENV{PATH};

my $bob = 'bob@example.com';
my $root = new_root();
add($root, $bob, 'secret');

# Types each answer when it is asked for.  Returns what was seen, and the status.
sub at_terminal {
	my ($command, @answers) = @_;
	my $program = Program->start(limit => 60, command => [ 'script', '-qec',
	    "'@{[ program('mailstore') ]}' -d '$root' $command; echo status \$?; stty -a", '/dev/null' ]);
	my $seen = '';
	for (@answers) {
		my ($prompt, $answer) = @$_;
		while ($seen !~ /\Q$prompt\E: \z/) {
			my $piece = $program->piece;
			last unless length $piece;
			$seen .= $piece;
		}
		$program->send("$answer\n");
	}
	$seen .= $program->rest;
	return $seen, $seen =~ /^status (\d+)/m ? $1 : 'none';
}

sub logs_in {
	my ($password) = @_;
	my ($output) = pop3_session($root, "USER $bob\r\nPASS $password\r\nSTAT\r\nQUIT\r\n");
	return scalar($output =~ /^\+OK \d+ \d+\r$/m);
}

for (
	[ 'the same twice', [ 'new one', 'new one' ], 0, 'new one' ],
	[ 'two that differ', [ 'other', 'othre' ], 65, 'new one' ],
	[ 'nothing the second time', [ 'other', '' ], 65, 'new one' ],
	[ 'nothing at all', [ '' ], 65, 'new one' ],
	[ 'one that is too long', [ 'x' x 501 ], 65, 'new one' ],
) {
	my ($what, $typed, $expected, $password) = @$_;
	my @prompts = ('Password', 'Again');
	my ($seen, $status) = at_terminal("passwd $bob", map { [ $prompts[$_], $typed->[$_] ] } 0 .. $#$typed);
	is($status, $expected, "$what: status $expected");
	my @shown = grep { length && $seen =~ /\Q$_\E/ } @$typed;
	is(scalar @shown, 0, 'what is typed is not shown') or diag $seen;
	like($seen, qr/ echo /, 'what is typed behind it is');
	ok(logs_in($password), "the password is '$password'");
}
my ($seen) = at_terminal("passwd $bob", [ 'Password', 'one' ], [ 'Again', 'two' ]);
like($seen, qr/^mailstore: the two passwords differ/m, 'it says why');
done_testing();

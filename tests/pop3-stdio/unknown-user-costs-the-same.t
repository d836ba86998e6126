#!/usr/bin/perl
# Who guesses names learns nothing from the time: a user that does not exist, or has no
# password, costs what a wrong password costs.  Measured in processor time, so that a busy
# machine does not matter.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

my $tries = 20;
my $root = new_root();
add($root, 'bob@example.com', 'secret');
add($root, 'nopass@example.com', undef);

# Processor seconds of so many tries to log in.
sub cost {
	my ($user) = @_;
	my $before = (times)[2];
	my ($output, $status) = pop3_session($root, "USER $user\r\nPASS wrong\r\n" x $tries . "QUIT\r\n",
	    flags => ['-e', '1000']);
	is(scalar(() = $output =~ /^-ERR \[AUTH\] /mg), $tries, "$user: refused each time");    ## pop3-3206-a
	return (times)[2] - $before;
}

my $wrong = cost('bob@example.com');
for my $user ('nobody@example.com', 'nopass@example.com', 'bob@elsewhere.example', "b\xff\@example.com") {
	my $cost = cost($user);
	cmp_ok($cost, '>', $wrong / 2, sprintf '%.0f ms against %.0f', 1000 * $cost / $tries, 1000 * $wrong / $tries);
	cmp_ok($cost, '<', $wrong * 2, 'and not much more');
}
done_testing();

#!/usr/bin/perl
# Another program removes half of a mailbox during a session: the rest is served, and each of
# those that are gone is told so, but they are not all looked for one after the other.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $bob = 'bob@example.com';
my $count = 400;
my @names = map { sprintf '%d.msg%d.host,S=20,W=23', 1_700_000_000 + $_, $_ } 1 .. $count;
my ($root, $client);

sub logged_in_and_traced {
	$root = new_root();
	add($root, $bob, 'secret');
	put($root, "mail/example.com/bob/new/$_", "Subject: one\n\nfirst\n") for @names;
	$client = logged_in($root, $bob, 'secret', before => ['strace', '-f', '-qq', '-o', "$root.trace", '-e', 'trace=getdents64']);
}

# Readings of a directory: each ends with a getdents that returns 0.
sub readings {
	my $trace = octets_of("$root.trace");
	unlink "$root.trace";
	return scalar(() = $trace =~ /= 0$/mg);
}

logged_in_and_traced();
unlink map { maildir($root, $bob) . "/new/$names[$_ - 1]" } grep { $_ % 2 } 1 .. $count;
my @replies = map { (lines($client, "RETR $_"))[0] } 1 .. $count;
is(scalar(grep { $replies[$_ - 1] =~ m{^-ERR \[SYS/TEMP\] } } grep { $_ % 2 } 1 .. $count), $count / 2, 'of each that is gone, RETR says so');  ## pop3-store-d
is(scalar(grep { $replies[$_ - 1] =~ /^\+OK/ } grep { $_ % 2 == 0 } 1 .. $count), $count / 2, 'each other one is sent');       ## pop3-store-d
ask($client, "DELE $_") for 1 .. $count - 10;
like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');
is($client->status, 0, 'a good end');
is(scalar messages($root, $bob), 5, 'what was marked is removed');      ## pop3-1939-6-a
my $readings = readings();
cmp_ok($readings, '>', 2, 'directories are read again');
cmp_ok($readings, '<=', 2 + 4, "but not for each: $readings times");

# Those that went without having been looked for show at QUIT.
logged_in_and_traced();
ask($client, "DELE $_") for 1 .. $count - 10;
unlink map { maildir($root, $bob) . "/new/$names[$_ - 1]" } grep { $_ % 3 == 0 } 1 .. $count - 20;
rename maildir($root, $bob) . "/new/$names[$_ - 1]", maildir($root, $bob) . "/cur/$names[$_ - 1]:2,S" or die "$!\n"
    for grep { $_ % 3 == 1 } 1 .. $count;
like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT where many are gone and many have moved');
is($client->status, 0, 'a good end');
is(scalar messages($root, $bob), 10, 'what was marked is removed where it was');         ## pop3-1939-6-a pop3-store-c
$readings = readings();
cmp_ok($readings, '>', 2, 'directories are read again');
cmp_ok($readings, '<=', 2 + 4, "but not for each: $readings times");
done_testing();

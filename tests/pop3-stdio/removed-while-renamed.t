#!/usr/bin/perl
# Another program changes the flags of messages as fast as it can, so that a name is never
# good for long: what QUIT has said to be removed is gone all the same, and what can be
# listed can be read.
use strict;
use warnings;
use lib 'tests/lib';
use StoreTest;
use Test::More;

my $bob = 'bob@example.com';
my $messages = 3;
my $sessions = 30;
my $text = "Subject: hello\n\nhello\n";
my $root = new_root();
add($root, $bob, 'secret');
my $cur = maildir($root, $bob) . '/cur';

# Names messages anew until it is told to end, or its parent has ended.
sub rename_for_ever {
	my @base = map { "$cur/170000000$_.u$_.host,S=22,W=25:2," } 1 .. $messages;
	my $parent = getppid;
	my $go_on = 1;
	local $SIG{TERM} = sub { $go_on = 0 };
	my ($from, $to) = ('S', 'FS');
	while ($go_on && getppid == $parent) {
		rename "$_$from", "$_$to" for @base;
		($from, $to) = ($to, $from);
	}
}

my $pid = fork;
die "fork: $!\n" unless defined $pid;
if (!$pid) {
	rename_for_ever();
	kill 'KILL', $$;        # without the END blocks of the test
}

my ($left, $unread, $bad_end) = (0, 0, 0);
for (1 .. $sessions) {
	put($root, "mail/example.com/bob/cur/170000000$_.u$_.host,S=22,W=25:2,S", $text) for 1 .. $messages;
	my $client = logged_in($root, $bob, 'secret');
	my ($count) = ask($client, 'STAT') =~ /^\+OK (\d+)/;
	for my $number (1 .. $count) {
		$unread++ unless (lines($client, "RETR $number"))[0] =~ /^\+OK/;
		ask($client, "DELE $number");
	}
	$bad_end++ unless ask($client, 'QUIT') =~ /^\+OK/;
	$client->status;
	my @left = entries($cur);
	$left += @left - ($messages - $count);
	empty();
}

# Between being listed and removed, a name may change here too.
sub empty {
	while (my @names = entries($cur)) {
		unlink "$cur/$_" for @names;
	}
}

kill 'TERM', $pid;
waitpid $pid, 0;
is($bad_end, 0, 'QUIT says +OK');
is($left, 0, 'and nothing is left of what was to be removed');  ## pop3-store-c pop3-1939-6-a
is($unread, 0, 'each message can be read');     ## pop3-store-c
done_testing();

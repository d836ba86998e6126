# -f: a filter has -t seconds; one that takes longer, or is at work when the session is
# stopped, ends with all that it has started, and the message is not taken.
use strict;
use warnings;
use lib 'tests/lib';
use Filter;
use MailTest;
use Time::HiRes qw(time);

# Whether a process whose id the filter has written down is gone.
sub is_gone {
	my ($filter, $name) = @_;
	my $pid = wait_until { written_by($filter, $name) };
	return wait_until { !kill(0, $pid) || is_zombie($pid) };
}

# In a container nobody may collect what has lost its parent.
sub is_zombie {
	my ($pid) = @_;
	open my $file, '<', "/proc/$pid/stat" or return 0;
	return <$file> =~ /^.*\) Z/;
}

my $root = new_root('bob@example.com');
for my $case (
	[ 'it sleeps', 'echo $$ >"$at/leader"; exec sleep 600' ],
	[ 'it does not want to end', q(trap '' TERM INT HUP ALRM; echo $$ >"$at/leader"; while :; do sleep 1; done) ],
	[ 'its child sleeps', 'sleep 600 & echo $! >"$at/child"; echo $$ >"$at/leader"; wait' ],
	[ 'it has written already', 'echo text; echo no >&2; echo $$ >"$at/leader"; exec sleep 600' ],
    ) {
	my ($name, $script) = @$case;
	my $filter = new_filter($script);
	my $before = time;
	my $reply = mail_through(root => $root, filter => $filter, flags => [ '-t', 1 ], to => ['<bob@example.com>']);
	like($reply, qr/^451 4\.3\.0 /, "$name: not taken, and the session goes on"); ## smtp-stdio-filter
	cmp_ok(time - $before, '>=', 0.9, "$name: it has had its second"); ## smtp-stdio-filter
	ok(is_gone($filter, 'leader'), "$name: it is gone"); ## smtp-stdio-filter
	ok(is_gone($filter, 'child'), "$name: and so is its child") if $script =~ /child/; ## smtp-stdio-filter
}
is(scalar(messages($root, 'bob@example.com')), 0, 'nothing is delivered'); ## smtp-stdio-filter
is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c

# The time is the filter's own: a client that needs as much before and after is not late.
my $filter = new_filter('sleep 1; exit 0');
my ($client) = begin_mail(root => $root, filter => $filter, flags => [ '-t', 2 ], to => ['<bob@example.com>']);
$client->ask('DATA');
$client->send("x\r\n");
select undef, undef, undef, 1.2;
like($client->ask('.'), qr/^250 /, 'the time begins when the message has come whole'); ## smtp-stdio-filter
select undef, undef, undef, 1.2;
like($client->ask('QUIT'), qr/^221 /, "and the client's next command has its own");
is($client->status, 0, 'exit status 0');
is(scalar(messages($root, 'bob@example.com')), 1, 'delivered');

# A session that is to stop does not wait for the filter.
for my $signal (qw(TERM INT HUP)) {
	$root = new_root('bob@example.com');
	$filter = new_filter('sleep 600 & echo $! >"$at/child"; echo $$ >"$at/leader"; wait');
	($client) = begin_mail(root => $root, filter => $filter, to => ['<bob@example.com>']);
	$client->ask('DATA');
	$client->send("x\r\n.\r\n");
	ok(wait_until { written_by($filter, 'leader') }, 'the filter is at work');
	my $before = time;
	$client->signal($signal);
	my $said = $client->rest;
	like($said, qr/^4[25]1 /, "SIG$signal: the message is not taken"); ## smtp-stdio-filter
	unlike($said, qr/^250 /m, "SIG$signal: nor does anything say so"); ## smtp-5321-4.2.5-a
	cmp_ok(time - $before, '<', 30, "SIG$signal: the session ends");
	isnt($client->status, 'signal 9', "SIG$signal: by itself");
	ok(is_gone($filter, $_), "SIG$signal: the $_ is gone") for 'leader', 'child'; ## smtp-stdio-filter
	is(scalar(messages($root, 'bob@example.com')), 0, "SIG$signal: nothing is delivered"); ## smtp-stdio-filter
	is_deeply([ left_over($root) ], [], "SIG$signal: nothing is left over"); ## smtp-stdio-store-c
}

# A client that has gone in the meantime: the message was whole, and it is delivered or not as
# the filter says.
$root = new_root('bob@example.com');
$filter = new_filter('echo $$ >"$at/leader"; while [ ! -e "$at/go" ]; do sleep 0.05; done; exit 0');
($client) = begin_mail(root => $root, filter => $filter, to => ['<bob@example.com>']);
$client->ask('DATA');
$client->send("x\r\n.\r\n");
wait_until { written_by($filter, 'leader') };
$client->close_input;
my ($at) = $filter =~ m{^(.*)/};
open my $go, '>', "$at/go" or die;
close $go;
like($client->rest, qr/^250 2\.0\.0 /, 'a client that says nothing more hears the verdict'); ## smtp-5321-4.2.5-a
is(scalar(messages($root, 'bob@example.com')), 1, 'delivered');

# What it leaves behind when it ends well is no reason to wait.
$filter = new_filter('sleep 30 & exit 0');
my $before = time;
like(mail_through(root => $root, filter => $filter, to => ['<bob@example.com>']), qr/^250 /, 'it leaves a child behind');
cmp_ok(time - $before, '<', 25, 'for which nobody waits'); ## smtp-stdio-filter
is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c

done_testing;

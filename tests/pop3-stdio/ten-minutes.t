#!/usr/bin/perl
# Without -t a client has ten minutes for a command (RFC 1939 section 3): seen in how long
# the program is willing to wait for input.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use Program;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $root = new_root();
add($root, 'bob@example.com', 'secret');
my $trace = "$root.trace";
my $client = logged_in($root, 'bob@example.com', 'secret', before => [ 'strace', '-f', '-qq', '-o', $trace, '-e',
    'trace=?poll,ppoll,?select,pselect6,?alarm,setitimer,timer_settime,?epoll_wait,epoll_pwait' ]);
ask($client, 'QUIT');
$client->rest;
$client->status;
my @seconds;
for (split /\n/, octets_of($trace)) {
	push @seconds, $1 / 1000 if /\b(?:poll|epoll_p?wait)\(.*, (\d+)\)/;
	push @seconds, $1 if /tv_sec=(\d+)/ || /\balarm\((\d+)\)/;
}
unlink $trace;
cmp_ok(scalar(grep { $_ } @seconds), '>=', 2, 'it waits with a limit, before login and after')
    or diag 'nothing that is known to wait was called';
is(scalar(grep { $_ && ($_ < 590 || $_ > 600) } @seconds), 0, 'and the limit is ten minutes')         ## pop3-1939-3-f
    or diag "@seconds";
done_testing();

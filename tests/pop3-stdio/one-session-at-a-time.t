#!/usr/bin/perl
# A maildrop belongs to one session at a time (RFC 1939 section 4), and only who knows
# the password is told so (RFC 2449 section 8.1.2).  The lock is the kernel's: it goes
# with the process, however that ends, and delivery never waits for it.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(deliver messages);
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
add($root, $bob, 'secret');
add($root, 'eve@example.com', 'other');
put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");

my $first = logged_in($root, $bob, 'secret');
my $second = pop3($root);

ask($second, "USER $bob");
like(ask($second, 'PASS secret'), qr/^-ERR \[IN-USE\] /, 'the second session is refused');    ## pop3-1939-4-b pop3-2449-8
ask($second, "USER $bob");
like(ask($second, 'PASS wrong'), qr/^-ERR \[AUTH\] /, 'a wrong password is not told that');   ## pop3-1939-4-b pop3-3206-a
like(ask($second, 'STAT'), qr/^-ERR /, 'it is not logged in');
my $other = logged_in($root, 'eve@example.com', 'other');
is(ask($other, 'STAT'), '+OK 0 0', 'the maildrop of somebody else is free');
like(ask($other, 'QUIT'), qr/^\+OK/, 'and its session ends');

deliver($root, $bob, "Subject: two\n\nsecond\n");
is(scalar messages($root, $bob), 2, 'delivery goes on meanwhile');    ## pop3-1939-4-b
is(ask($first, 'STAT'), '+OK 1 23', 'the session does not see what came after its login');    ## pop3-store-e
is((lines($first, 'LIST'))[1], "1 23\r\n", 'nor does its LIST');       ## pop3-store-e
like(ask($first, 'RETR 2'), qr/^-ERR /, 'nor RETR');                   ## pop3-store-e
like(ask($first, 'DELE 1'), qr/^\+OK/, 'DELE');
like(ask($first, 'QUIT'), qr/^\+OK/, 'the first session ends');
is($first->status, 0, 'well');
is(scalar messages($root, $bob), 1, 'what was marked is gone, what came meanwhile is not');   ## pop3-1939-6-a

ask($second, "USER $bob");
like(ask($second, 'PASS secret'), qr/^\+OK/, 'now the second may, in the same connection');   ## pop3-1939-4-b pop3-1939-4-c
like(ask($second, 'STAT'), qr/^\+OK 1 [1-9]/, 'and sees the new message');       ## pop3-store-e

# Killed outright, with a message marked.
ask($second, 'DELE 1');
$second->signal('KILL');
is($second->status, 'signal 9', 'the second session is killed');
my $third = eval { logged_in($root, $bob, 'secret') };
ok($third, 'the lock went with it') or diag $@;                        ## pop3-1939-4-b
like(ask($third, 'STAT'), qr/^\+OK 1 /, 'and nothing was removed');    ## pop3-1939-6-b

# A refused login leaves no lock behind.
my $fourth = pop3($root);
ask($fourth, "USER $bob");
like(ask($fourth, 'PASS secret'), qr/^-ERR \[IN-USE\] /, 'refused again');
like(ask($third, 'QUIT'), qr/^\+OK/, 'the third ends while the fourth is still connected');
is($third->status, 0, 'well');
my $fifth = eval { logged_in($root, $bob, 'secret') };
ok($fifth, 'the fourth holds nothing after its -ERR') or diag $@;      ## pop3-1939-4-b
ask($fifth, 'QUIT');
ask($fourth, 'QUIT');
is($fourth->status, 0, 'the fourth ends too');

# Closing is as good as QUIT for the lock, and the lock file stays.
my $sixth = logged_in($root, $bob, 'secret');
$sixth->close_input;
is($sixth->rest, '', 'a session whose client just closes says nothing');
is($sixth->status, 0, 'and is no error');
my $lock = maildir($root, $bob) . '/pop3-lock';
ok(-f $lock, 'the lock file is never removed');
is(sprintf('%o', (stat $lock)[2] & 07777), '600', 'and nobody else may open it');
ok(eval { logged_in($root, $bob, 'secret') }, 'the next session finds the maildrop free');
done_testing();

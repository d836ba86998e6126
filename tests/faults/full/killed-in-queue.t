#!/usr/bin/perl
# smtp-send -q is killed at each system call of any kind, and so are those that talk to the
# server, and the server itself: no recipient is lost, no report is, and what is sent twice is
# what could not be booked.  The same where the store has other troubles.
use strict;
use warnings;
use lib 'tests/lib';
use QueueFaults;
use StoreTest;
use Test::More;

plain_build('system calls');

cmp_ok(try_kills_of_queue(), '>', 400, 'it was killed often enough');
cmp_ok(try_kills_of_queue('-j', 2), '>', 400, 'and with two connections');
cmp_ok(try_failing_calls_of_queue($_), '>', 40, "$_ often enough") for qw(EIO ENOSPC EMFILE EINTR short);
done_testing();

#!/usr/bin/perl
# smtp-send -q is killed in front of each call on the store: no recipient is lost, no report
# is, and what is sent twice is what could not be booked.  In full/ it is killed at each system
# call, of whatever kind, and calls on the store fail.
use strict;
use warnings;
use lib 'tests/lib';
use QueueFaults;
use StoreTest;
use Test::More;

plain_build('system calls');

cmp_ok(try_failing_calls_of_queue('kill', 2), '>', 40, 'it was killed often enough'); ## smtp-send-queue-kill
done_testing();

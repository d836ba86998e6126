#!/usr/bin/perl
# The programs are killed in front of each call on the store: nothing half is visible,
# nothing acknowledged is gone, and the next session is not hindered by what was left.  In
# full/ they are killed at each system call, of whatever kind.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use StoreTest;
use Test::More;

plain_build('system calls');

try_failing_calls('delivery to one', 'kill');    ## smtp-5321-4.2.5-a smtp-stdio-store-c smtp-5321-3.8-c
try_failing_calls('update', 'kill');   ## pop3-1939-6-a pop3-1939-6-b pop3-1939-4-b
try_failing_calls('passwd', 'kill');
done_testing();

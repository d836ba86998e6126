#!/usr/bin/perl
# Each call on the store fails once: in a delivery here and in one that goes on, in a POP3
# session that reads and in one that removes, and while the tool changes something.  What was
# acknowledged is there once and whole, what was refused is nowhere, a refusal is one for now, and the session goes on.
# The other sessions and errors are in full/.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use Test::More;

try_failing_calls('delivery to one', 'EIO');   ## smtp-5321-4.2.5-a smtp-5321-4.2.5-b smtp-5321-4.3.2-451 smtp-stdio-store-c
try_failing_calls('delivery to another host', 'EIO');  ## smtp-5321-4.2.5-a smtp-5321-4.2.5-b smtp-stdio-store-c
try_failing_calls('retrieval', 'EIO');         ## pop3-3206-a pop3-3206-b pop3-stdio-exit
try_failing_calls('update', 'EIO');    ## pop3-1939-6-a pop3-1939-6-b pop3-3206-b
try_failing_calls('add', 'ENOSPC');
try_failing_calls('forward', 'EIO');
done_testing();

#!/usr/bin/perl
# Each time that a session wants memory there is none, once: nothing that was acknowledged is
# lost, a refusal is one for now, and the session goes on.  The other sessions are in full/.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use Test::More;

for (
	'delivery by way of a forward', 'delivery with a report to another host', 'update', 'import',
	'list of accounts', 'forward',
) {
	try_failing_calls($_, 'memory');       ## smtp-5321-4.3.2-452
}
done_testing();

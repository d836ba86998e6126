#!/usr/bin/perl
# Each call on the store fails once, in each way that it can, in POP3 sessions.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use Test::More;

for (
	'login', 'login of nobody', 'retrieval', 'update',
) {
	try_failing_calls($_, qw(EIO ENOSPC EDQUOT EMFILE EINTR short kill));        ## pop3-3206-a pop3-3206-b pop3-1939-6-a
}
done_testing();

#!/usr/bin/perl
# Each call on the store fails once, in each way that it can, in the commands of mailstore.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use Test::More;

for (
	'add', 'add to nothing', 'passwd', 'remove', 'import', 'export', 'forward', 'forward -r',
	'forward shown', 'quota', 'quota -r', 'quota shown', 'list of accounts', 'show',
) {
	try_failing_calls($_, qw(EIO ENOSPC EDQUOT EMFILE EINTR short kill));
}
done_testing();

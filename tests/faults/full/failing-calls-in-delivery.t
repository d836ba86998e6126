#!/usr/bin/perl
# Each call on the store fails once, in each way that it can, in deliveries of all kinds.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use Test::More;

for (
	'delivery to one', 'delivery to three', 'delivery to new mailboxes',
	'delivery that makes the account', 'delivery to postmaster', 'delivery by LMTP',
	'delivery through a filter', 'delivery by way of a forward', 'delivery under a quota',
	'delivery with a report', 'delivery to another host', 'delivery by LMTP to another host',
	'delivery with a report to another host',
) {
	try_failing_calls($_, qw(EIO ENOSPC EDQUOT EMFILE EINTR short kill));   ## smtp-5321-4.2.5-a smtp-5321-4.2.5-b smtp-5321-4.3.2-451 smtp-5321-4.3.2-452
}
done_testing();

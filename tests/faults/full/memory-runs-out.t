#!/usr/bin/perl
# Each time that a session wants memory there is none, once, in sessions and commands of all
# kinds.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use Test::More;

for (
	'delivery to one', 'delivery to new mailboxes', 'delivery that makes the account', 'delivery by LMTP',
	'delivery through a filter', 'delivery under a quota', 'delivery with a report', 'delivery to another host',
	'delivery by LMTP to another host', 'retrieval', 'login', 'remove', 'export', 'show', 'forward shown',
) {
	try_failing_calls($_, 'memory');
}
done_testing();

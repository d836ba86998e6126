#!/usr/bin/perl
# Killed at each system call, of whatever kind, in deliveries of all kinds.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use StoreTest;
use Test::More;

plain_build('system calls');

for (
	'delivery to three', 'delivery to new mailboxes', 'delivery by LMTP',
	'delivery by way of a forward', 'delivery to another host', 'delivery by LMTP to another host',
	'delivery with a report to another host',
) {
	try_kills($_);     ## smtp-5321-4.2.5-a smtp-stdio-store-c smtp-5321-3.8-c
}
done_testing();

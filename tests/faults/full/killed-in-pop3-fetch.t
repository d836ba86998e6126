#!/usr/bin/perl
# pop3-fetch save is killed at each system call that changes or says anything, or such a
# call fails: after the next run each message is there once and whole, and none is left on the
# server.  Nothing is ever visible in part.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @changes = qw(linkat fsync unlinkat renameat openat write);
for my $maildir (0, 1) {
	cmp_ok(faults_in_saving('signal=KILL', $maildir, 5, @changes), '>', 60, 'it was killed often enough');
	cmp_ok(faults_in_saving('error=EIO', $maildir, 5, @changes), '>', 60, 'calls failed often enough');
}
cmp_ok(faults_in_saving('error=ENOSPC', 1, 3, qw(linkat fsync write)), '>', 20, 'there was no room often enough');
done_testing();

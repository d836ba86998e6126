#!/usr/bin/perl
# pop3-fetch save is killed at each system call that changes a directory, or such a call
# fails: after the next run each message is there once and whole, and none is left on the
# server.  Nothing is ever visible in part.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @changes = qw(linkat fsync unlinkat renameat);
cmp_ok(faults_in_saving('signal=KILL', 1, 2, @changes), '>', 12, 'it was killed often enough');
cmp_ok(faults_in_saving('error=EIO', 0, 1, @changes), '>', 8, 'calls failed often enough');
done_testing();

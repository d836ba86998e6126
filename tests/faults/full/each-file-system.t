#!/usr/bin/perl
# Tests of the store, of delivery and of POP3, with their mail roots on file systems of
# each kind.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use Test::More;

own_mounts();
my @tests = grep { m{/(?:
	accounts|big-message|check|directories-of-others|forward-copies|list-and-show|mbox|
	messages-keep-their-order|one-write-for-many|quota-to-the-octet|round-trip|symbolic-links|
	senders-and-readers|bdat-for-several|lmtp-conversation|lmtp-forward|printed-two-recipients-crlf|
	counted-once|messages-come-out-as-they-are|one-session-at-a-time|other-programs-move-files|
	ten-thousand-messages|conversation-as-printed|dele-marks-and-quit-removes|unique-ids
	)\.}x } glob 'tests/{store,smtp-stdio,pop3-stdio}/*.{t,session}';
my @disks = map { FileSystem->new($_, megabytes => 1024) } 'ext4', 'xfs', 'btrfs', 'tmpfs';
for my $disk (@disks) {
	local $ENV{TMPDIR} = $disk->path;
	open my $prove, '-|', 'prove', '-Q', '-j2', '--exec', 'tests/run', @tests or die "prove: $!\n";
	my $said = do { local $/; <$prove> };
	ok(close $prove, scalar(@tests) . ' tests with mail roots on ' . $disk->kind) or diag $said;
}
done_testing();

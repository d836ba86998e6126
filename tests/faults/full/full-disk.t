#!/usr/bin/perl
# As tests/faults/full-disk.t, on XFS and Btrfs; and a real quota of the file system, which
# of these Btrfs can have everywhere.
use strict;
use warnings;
use lib 'tests/lib';
use DiskTrouble;
use FileSystem;
use MailTest qw(need);
use Test::More;

own_mounts();
my $btrfs = need('btrfs', 'btrfs-progs');
my @disks = (FileSystem->new('xfs'), FileSystem->new('btrfs'));
in_trouble_of_each_kind($_) for @disks;

my $disk = $disks[1];
for ('quota enable', 'qgroup limit 20m') {
	system("$btrfs $_ " . $disk->path . ' >/dev/null') == 0 or die "btrfs $_: $?\n";
}
in_trouble('btrfs, past its quota', $disk, reply => qr/^452 4\.3\.1 /,
    cause => sub { fill_up($disk) }, cure => sub { make_room($disk) });
done_testing();

#!/usr/bin/perl
# A disk that is full of octets or of files, or read-only, when smtp-send -q has something to
# send: it sends nothing, for it could not be written down; and does as soon as it could.
use strict;
use warnings;
use lib 'tests/lib';
use DiskTrouble;
use FileSystem;
use QueueTest;
use SendTest qw(odd_server own_file);
use StoreTest qw(add octets_of);
use Test::More;

own_mounts();
for ([ 'full', \&fill_up, \&make_room ], [ 'full of files', \&DiskTrouble::fill_with_files, \&make_room ],
    [ 'read-only', sub { $_[0]->remount('ro') }, sub { $_[0]->remount('rw') } ]) {
	my ($name, $cause, $cure) = @$_;
	my $disk = FileSystem->new('tmpfs', megabytes => 4, options => 'nr_inodes=100');
	my $root = $disk->path . '/root';
	add($root, 'alice@example.org');
	my $id = enqueue($root, to => [ 'bob@example.com', 'carol@example.com' ]);
	my $log = own_file('');
	my @server = odd_server('-l', $log, 'RCPT/2=450 4.7.1 Later\r\n');

	$cause->($disk);
	my ($status, $said) = run_queue($root, @server);
	is($status, 75, "$name: 75");
	like($said, qr/^\S+: queue id=$id reason=/m, "$name: and why");
	unlike(octets_of($log), qr/^MAIL/m, "$name: nothing is sent"); ## smtp-send-queue-kill
	like(envelope($root, $id), qr/^to 0 \d+ <bob.*\nto 0 \d+ <carol/m, "$name: nothing has changed");
	$cure->($disk);
	($status, $said) = run_queue($root, @server);
	is($status, 0, "$name, and then not any more: 0") or diag($said);
	like(envelope($root, $id), qr/^to 1 \d+ <carol/m, "$name: all is as ever");
	unlike(envelope($root, $id), qr/<bob/, "$name: who has it is done with");
}
done_testing();

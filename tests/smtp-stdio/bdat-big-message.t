#!/usr/bin/perl
# A big message in chunks, of which one is as big as all others together, arrives octet for
# octet, and at no time is it held in memory: smtp-stdio stays under 4 MiB.  The message has
# as many MiB as the first argument says.
use strict;
use warnings;
use lib 'tests/lib';
use Digest::SHA;
use MailTest;

my $MEMORY_KIB = 4096;
my $mebibytes = $ARGV[0] || 8;

need_plain_build();

# A mebibyte with lines of all lengths, dots at their starts, and one without an end.
my $line = join '', map { '.' . "\xc3\xa4" x $_ . "\r\n" } 0 .. 200;
my $mebibyte = substr $line x (1 + (1 << 20) / length $line), 0, (1 << 20) - 5;
$mebibyte =~ s/\r\z/x/;

my $root = new_root('bob@example.com');
my $client = start('smtp-stdio', $root, [ '-m', '2g' ], limit => 600, life => 1800);
$client->reply;
$client->ask($_) for 'EHLO client.example', 'MAIL FROM:<a@client.example> BODY=8BITMIME', 'RCPT TO:<bob@example.com>';
my $sent = Digest::SHA->new(256);

# Sends one chunk, a mebibyte after the other; returns the reply.
sub chunk {
	my ($count, $last) = @_;
	my $size = 0;
	$size += length piece($_) for 1 .. $count;
	$client->send("BDAT $size$last\r\n");
	for (1 .. $count) {
		my $piece = piece($_);
		$client->send($piece);
		$sent->add($piece =~ s/\r\n/\n/gr);
	}
	return $client->reply;
}

sub piece {
	my ($number) = @_;
	return sprintf "%09d%s\r\n", $number, $mebibyte;
}

my $half = int $mebibytes / 2;
my @bad = grep { !/^250 2\.0\.0 / } map { chunk(1, '') } 1 .. $half;
is("@bad", '', "$half chunks of one MiB are taken"); ## smtp-3030-2-a
like(chunk($mebibytes - $half, ' LAST'), qr/^250 2\.0\.0 OK id=/, 'and one of the rest'); ## smtp-3030-2-a
my $peak = $client->peak_memory;
$client->ask('QUIT');
is($client->status, 0, 'a good end');
my ($path) = messages($root, 'bob@example.com');
open my $stored, '<:raw', $path or die "$path: $!\n";
while (<$stored>) {
	last if /^\t.*[+-]\d{4}$/;     # the end of Received
}
is(Digest::SHA->new(256)->addfile($stored)->hexdigest, $sent->hexdigest, 'octet for octet the same'); ## smtp-3030-2-d
my ($disk, $wire) = $path =~ /,S=(\d+),W=(\d+)\z/;
is($disk, -s $path, 'of the size that its name tells'); ## smtp-stdio-store-a
cmp_ok($peak, '>', 0, 'the memory of processes can be seen') or diag 'is there a /proc?';
cmp_ok($peak, '<', $MEMORY_KIB, "smtp-stdio had $peak KiB at most");
done_testing;

#!/usr/bin/perl
# A big message goes in by DATA and comes out by RETR octet for octet, with dots, long
# lines and 8-bit octets, and neither program ever holds it: both stay under 4 MiB of
# resident memory.  The message has as many MiB as the first argument says.
use strict;
use warnings;
use lib 'tests/lib';
use Digest::SHA;
use MailRoot qw(messages program);
use Program;
use StoreTest;
use Test::More;

my $MEMORY_KIB = 4096;
my $mebibytes = $ARGV[0] || 8;
my $bob = 'bob@example.com';

plain_build('memory');

# Pieces of the message as it goes over the wire, dots doubled.  They differ, so that none
# can be lost, doubled or exchanged without being seen.
my @lines = (
	"A line of the usual length, as people write them, seventy-six octets long.\r\n" x 200,
	"..\r\n...\r\n..dot\r\n" x 500,
	'x' x 70_000 . "\r\n",
	join('', map { my $octet = $_; $octet == 10 || $octet == 13 || !$octet ? () : chr($octet) x 7 } 0 .. 255) . "\r\n",
	".." . '.' x 5000 . "\r\n\r\n\r\n",
	"\xc3\xa4\xff\x80" x 3000 . "\r\n",
);

sub piece {
	my ($number) = @_;
	return "piece $number\r\n" . join '', map { $lines[($number * 7 + $_ * ($number % 5 + 1)) % @lines] } 0 .. 5;
}

my $root = new_root();
add($root, $bob, 'secret');

# In.
my $client = Program->start(command => [program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org', '-m', '2g'], limit => 600, life => 1800);
$client->reply;
$client->ask($_) for 'EHLO client.example', 'MAIL FROM:<a@client.example>', "RCPT TO:<$bob>";
like($client->ask('DATA'), qr/^354 /, 'DATA');
my $header = "Subject: big\r\n\r\n";
my $sent = Digest::SHA->new(256)->add($header);
my ($octets, $wire) = (length $header, length $header);
$client->send($header);
for (my $number = 0; $octets < $mebibytes << 20; $number++) {
	my $piece = piece($number);
	$client->send($piece);
	$sent->add($piece);
	$wire += length $piece;
	$octets += length($piece) - (() = $piece =~ /^\./mg);
}
like($client->ask('.'), qr/^250 2\.0\.0 /, "$mebibytes MiB are taken");
my $in = $client->peak_memory;
$client->close_input;
$client->rest;
is($client->status, 0, 'a good end');
is(scalar messages($root, $bob), 1, 'it is in the mailbox');

# Out.
$client = logged_in($root, $bob, 'secret', limit => 600, life => 1800);
my $before = $client->peak_memory;
my (undef, $size) = ask($client, 'LIST 1') =~ /^\+OK (\d+) (\d+)/;
is(ask($client, 'RETR 1'), "+OK $size octets", 'RETR');
my $got = Digest::SHA->new(256);
my ($trace, $left) = (undef, $wire);
for (;;) {
	if (!defined $trace && $client->{output} =~ s/\A(Return-Path:.*?\r\n)(?=Subject: big\r\n)//s) {
		$trace = length $1;
	}
	if (defined $trace && $left) {
		my $part = substr $client->{output}, 0, $left, '';
		$got->add($part);
		$left -= length $part;
	}
	last if $client->{ended} || !$left && length $client->{output} >= 3;
	$client->await(time + 60);
}
is($left, 0, 'as many octets come out');
is(substr($client->{output}, 0, 60), ".\r\n", 'and then the end');
is($got->hexdigest, $sent->hexdigest, 'octet for octet the same');     ## pop3-roundtrip smtp-5321-4.5.2-b pop3-1939-5-g
is($size, $trace + $octets, 'LIST told how many, to the octet');       ## pop3-1939-5-c
$client->{output} = '';
my $out = $client->peak_memory;
like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');
is($client->status, 0, 'a good end');

cmp_ok($in, '>', 0, 'the memory of processes can be seen') or diag 'is there a /proc?';
cmp_ok($in, '<', $MEMORY_KIB, "smtp-stdio had $in KiB at most");
cmp_ok($out, '<', $MEMORY_KIB, "pop3-stdio had $out KiB at most");
cmp_ok($before, '<', $MEMORY_KIB, "and $before before that");
done_testing();

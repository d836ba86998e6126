#!/usr/bin/perl
# A message that is forwarded is the message, with one line per forwarder below its
# Return-Path: for every message in tests/mail, and in sizes as POP3 tells them.  All that
# come by the same forwarder are one file, and so are all that come by none.
use strict;
use warnings;
use lib 'tests/lib';
use File::Basename qw(basename);
use MailTest;

my @files = sort glob 'tests/mail/*.eml';
my $root = new_root('a@example.com', 'b@example.com', 'plain@example.com', map { [ "$_\@example.com", 'secret' ] } 'far', 'near');
write_forward('a', 'b', 'near');
write_forward('b', 'far', 'b');

# One session for all: to a, who has near and, by b, far and b; and to plain.
my $input = "EHLO client.example\r\n";
for my $path (@files) {
	$input .= "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<a\@example.com>\r\nRCPT TO:<plain\@example.com>\r\nDATA\r\n"
	    . dot_stuffed(crlf(contents($path))) . ".\r\n";
}
my ($output, $status) = run("${input}QUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org' ], limit => 60);
is($status, 0, 'the session ends well');
my @ids = $output =~ /^250 2\.0\.0 OK id=(\S+)\r$/mg;
is(scalar @ids, scalar @files, 'every message is delivered') or diag $output;

my $by_b = qr/Delivered-To: b\@example\.com\n/;
my $by_a = qr/Delivered-To: a\@example\.com\n/;
my %way = (plain => qr//, near => $by_a, b => $by_a, far => qr/$by_b$by_a/);
for my $user (sort keys %way) {
	my @wrong;
	my %found;
	for my $path (messages($root, "$user\@example.com")) {
		my $stored = contents($path);
		my ($disk, $wire) = $path =~ /,S=(\d+),W=(\d+)\z/;
		push @wrong, "$path: wrong sizes" unless $disk == length $stored && $wire == length crlf($stored);
		my ($id) = $stored =~ /\A[^\n]*\n(?:Delivered-To:[^\n]*\n)*Received: .*?\n\tby mail\.example\.org with ESMTP id (\S+);/s;
		$found{$id} = $stored if defined $id;
		push @wrong, "$path: no trace" unless defined $id;
	}
	is(scalar keys %found, scalar @files, "$user has each of them once");   ## smtp-stdio-forward
	for my $number (0 .. $#files) {
		my $text = $found{$ids[$number] || ''};
		my $message = contents($files[$number]);
		$message =~ s/\r\n/\n/g;
		$message .= "\n" if length $message && $message !~ /\n\z/;
		push @wrong, basename($files[$number])
		    unless defined $text && $text =~ /\AReturn-Path: <sender\@client\.example>\n$way{$user}Received: (?:[^\n]*\n\t)*[^\n]*\n\Q$message\E\z/;
	}
	is("@wrong", '', "$user: every octet is there, below the line of each forwarder; and the sizes in the names are true"); ## smtp-stdio-forward smtp-stdio-store-a
}

# How many names each file has.  b, which goes on to itself, has what came by a, as near has.
my %links;
for my $user (sort keys %way) {
	$links{$user} = join ' ', map { (stat)[3] } messages($root, "$user\@example.com");
}
my @each = (1) x @files;
is($links{plain}, "@each", 'the message itself has one name, in the one mailbox that is no forward'); ## smtp-stdio-store-b
is($links{far}, "@each", 'so has the copy that came by b'); ## smtp-stdio-store-b
is($links{$_}, join(' ', map { 2 } @files), "$_ shares the copy that came by a") for 'b', 'near'; ## smtp-stdio-store-b
is(scalar glob("$root/mail/.incoming/*"), undef, 'nothing is left over'); ## smtp-stdio-store-c

# As POP3 has them.
for my $user ('far', 'near') {
	my $client = start('pop3-stdio', $root, ['-p']);
	$client->line;
	$client->ask("USER $user\@example.com");
	is((split / /, $client->ask('PASS secret'))[0], '+OK', "$user logs in");
	my (%size, @wrong);
	$client->ask('LIST');
	while ((my $line = $client->line) ne '.') {
		my ($number, $octets) = split / /, $line;
		$size{$number} = $octets;
	}
	for my $number (sort { $a <=> $b } keys %size) {
		$client->ask("RETR $number");
		my $octets = 0;
		while ((my $line = $client->line) ne '.') {
			$line =~ s/^\.//;
			$octets += 2 + length $line;
		}
		push @wrong, "message $number: $octets, not $size{$number}" unless $octets == $size{$number};
	}
	is(scalar keys %size, scalar @files, "$user gets a list of all");
	is("@wrong", '', 'what is sent is as big as it says'); ## pop3-1939-5-c
	$client->ask('QUIT');
	is($client->status, 0, 'and the session ends well');
}
done_testing;

sub write_forward {
	my ($user, @targets) = @_;
	my ($output, $status) = run('', [ program('mailstore'), '-d', $root, 'forward', "$user\@example.com",
	    map { "$_\@example.com" } @targets ]);
	is($status, 0, "$user is forwarded to @targets");
}

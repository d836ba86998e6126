#!/usr/bin/perl
# A file system that finds itself damaged, and so is read-only from one moment to the next:
# in the middle of a message, and of a session that is going to remove some.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use FileSystem;
use MailRoot qw(messages);
use StoreTest;
use Test::More;

own_mounts();
my $disk = FileSystem->new('ext4');
my $root = $disk->path . '/root';
my @accounts = ('bob@example.com', 'ann@example.com');
add($root, $_, 'secret') for @accounts;
my @texts = map { "Subject: $_\n\n" . "message $_\n" x 20_000 } 1 .. 4;
my @final = send_messages($root, [], \@accounts, @texts[0, 1]);
is(scalar(grep { /^250 / } @final), 2, 'there are two messages');

my ($smtp) = smtp_client($root);
say_to($smtp, "MAIL FROM:<sender\@client.example>\r\n");
say_to($smtp, "RCPT TO:<$_>\r\n") for @accounts;
say_to($smtp, "DATA\r\n");
my $octets = MailRoot::crlf($texts[2]) . ".\r\n";
$smtp->send(substr $octets, 0, length($octets) / 2, '');
my $pop3 = logged_in($root, $accounts[0], 'secret');
like(ask($pop3, 'DELE 1'), qr/^\+OK/, 'and one of them is marked');

$disk->remount('abort');         # what ext4 has to try this
push @final, say_to($smtp, $octets);
like($final[-1], qr/^451 4\.3\.0 /, 'the message is refused for now');       ## smtp-5321-4.3.2-451
push @final, send_one($smtp, \@accounts, $texts[3]);
like($final[-1], qr/^451 4\.3\.0 /, 'so is the next');
like(say_to($smtp, "QUIT\r\n"), qr/^221 /, 'the session goes on to its end');
is($smtp->status, 0, 'and ends well');
like((lines($pop3, 'RETR 2'))[1], qr/\Q${\ MailRoot::crlf($texts[1])}\E\z/, 'POP3 reads');
like(ask($pop3, 'QUIT'), qr/^-ERR \[SYS\/TEMP\] /, 'and says that it removes nothing');  ## pop3-1939-6-a
$pop3->status;

$disk->unmount;
$disk->mount or die "mount: $?\n";
judge_delivery($root, \@accounts, \@texts, \@final, stale => 1);        ## smtp-5321-4.2.5-b smtp-stdio-store-c
@final = send_messages($root, [], \@accounts, $texts[3]);
like($final[0], qr/^250 /, 'the disk is mended, and mail is taken');
my $client = logged_in($root, $accounts[0], 'secret');
ask($client, 'DELE 1');
like(ask($client, 'QUIT'), qr/^\+OK/, 'and removed');
is(scalar messages($root, $accounts[0]), 2, 'for good');
$client->status;
done_testing();

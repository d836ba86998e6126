#!/usr/bin/perl
# A Maildir has other readers: they move files from new/ to cur/, change flags, remove
# messages, all during our session.  Numbers and unique-ids hold through that.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(deliver messages);
use StoreTest;
use Test::More;

my $bob = 'bob@example.com';
my @text = map { "Subject: message $_\n\n" . "line\n" x $_ } 0 .. 7;
my @name = map { "170000000$_.u$_.host" } 0 .. 7;

sub wire {
	my ($text) = @_;
	$text =~ s/\n/\r\n/g;
	return $text;
}

sub sized {
	my ($number) = @_;
	return sprintf '%s,S=%d,W=%d', $name[$number], length $text[$number], length wire($text[$number]);
}

# A root whose mailbox holds messages 1 to 6, odd ones in new/, even ones in cur/.
sub mailbox {
	my $root = new_root();
	add($root, $bob, 'secret');
	put($root, 'mail/example.com/bob/' . ($_ % 2 ? 'new/' . sized($_) : 'cur/' . sized($_) . ':2,'), $text[$_])
	    for 1 .. 6;
	return $root;
}

sub move {
	my ($root, $from, $to) = @_;
	my $directory = maildir($root, $bob);
	rename "$directory/$from", "$directory/$to" or die "$from: $!\n";
}

{
	my $root = mailbox();
	my $client = logged_in($root, $bob, 'secret');
	move($root, 'new/' . sized(1), 'cur/' . sized(1) . ':2,S');
	move($root, 'cur/' . sized(2) . ':2,', 'cur/' . sized(2) . ':2,FRS');
	move($root, 'new/' . sized(3), "cur/$name[3]:2,S");
	same_octets((lines($client, 'RETR 1'))[1], wire($text[1]), 'a message moved to cur/ is found there');    ## pop3-store-c
	same_octets((lines($client, 'RETR 2'))[1], wire($text[2]), 'a message with new flags is found');         ## pop3-store-c
	same_octets((lines($client, 'TOP 3 9'))[1], wire($text[3]), 'one that lost the sizes in its name too');  ## pop3-store-c
	is(ask($client, 'LIST 1'), '+OK 1 ' . length wire($text[1]), 'its size holds');
	like((lines($client, 'UIDL'))[1], qr/^1 \Q$name[1]\E\r\n2 \Q$name[2]\E\r\n3 \Q$name[3]\E\r\n4/,
	    'and the unique-ids');      ## pop3-1939-7-c
	move($root, 'cur/' . sized(1) . ':2,S', 'cur/' . sized(1) . ':2,ST');
	like(ask($client, "DELE $_"), qr/^\+OK/, "DELE $_") for 1, 2, 5;
	move($root, 'new/' . sized(5), 'cur/' . sized(5) . ':2,S');
	like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');
	is($client->status, 0, 'a good end');
	is_deeply([ map { m{([^/]+)$} && $1 } messages($root, $bob) ],
	    [ "$name[3]:2,S", sized(4) . ':2,', sized(6) . ':2,' ],
	    'the marked ones are removed wherever they went, and no other');    ## pop3-store-c pop3-1939-6-a
	is((lines(logged_in($root, $bob, 'secret'), 'UIDL'))[1], "1 $name[3]\r\n2 $name[4]\r\n3 $name[6]\r\n",
	    'in the next session the unique-ids are the same');       ## pop3-1939-7-c
}

{
	my $root = mailbox();
	my $client = logged_in($root, $bob, 'secret');
	my $directory = maildir($root, $bob);
	unlink "$directory/new/" . sized(1), "$directory/cur/" . sized(2) . ':2,' or die "$!\n";
	like(ask($client, 'RETR 1'), qr{^-ERR \[SYS/TEMP\] }, 'RETR of a vanished message');   ## pop3-store-d
	like(ask($client, 'TOP 2 0'), qr{^-ERR \[SYS/TEMP\] }, 'TOP of one');                  ## pop3-store-d
	same_octets((lines($client, 'RETR 3'))[1], wire($text[3]), 'the number of another holds');    ## pop3-store-d
	like(ask($client, "DELE $_"), qr/^\+OK/, "DELE $_") for 3, 4;
	unlink "$directory/new/" . sized(3) or die "$!\n";
	like(ask($client, 'QUIT'), qr/^\+OK/, 'a marked one that vanished counts as removed');        ## pop3-1939-6-a
	is($client->status, 0, 'a good end');
	is_deeply([ map { m{([^/]+)$} && $1 } messages($root, $bob) ], [ sized(5), sized(6) . ':2,' ],
	    'the rest is there');       ## pop3-1939-6-a
}

{
	my $root = mailbox();
	my $client = logged_in($root, $bob, 'secret');
	deliver($root, $bob, "Subject: later\n\nlater\n");
	put($root, 'mail/example.com/bob/new/1000000000.early.host', "Subject: early\n\nx\n");
	like(ask($client, 'STAT'), qr/^\+OK 6 /, 'STAT is that of the login');          ## pop3-store-e
	is(scalar(() = (lines($client, 'UIDL'))[1] =~ /\n/g), 6, 'UIDL too');           ## pop3-store-e
	same_octets((lines($client, 'RETR 1'))[1], wire($text[1]), 'numbers do not move');     ## pop3-store-e pop3-1939-5-a
	like(ask($client, 'RETR 7'), qr/^-ERR /, 'what came is not there');             ## pop3-store-e
	ask($client, 'QUIT');
	is($client->status, 0, 'a good end');
	like((lines(logged_in($root, $bob, 'secret'), 'UIDL'))[1],
	    qr/^1 1000000000\.early\.host\r\n2 \Q$name[1]\E\r\n(?:.*\r\n){5}8 \S+\r\n\z/,
	    'the next session shows it in its place');    ## pop3-store-e
}

{
	# A file that was written to after its name was made.
	my $root = mailbox();
	my $client = logged_in($root, $bob, 'secret');
	my $grown = "$text[1]more\nand more";
	put($root, 'mail/example.com/bob/new/' . sized(1), $grown);
	my $size = length wire("$grown\n");
	is(ask($client, 'LIST 1'), '+OK 1 ' . length wire($text[1]), 'a name that carries sizes is believed');   ## pop3-store-b
	my ($first, $text) = lines($client, 'RETR 1');
	same_octets($text, wire("$grown\n"), 'what is there is sent');          ## pop3-store-b
	is($first, "+OK $size octets", 'and announced with its size');         ## pop3-store-b
	is(ask($client, 'LIST 1'), "+OK 1 $size", 'from then on LIST says so');         ## pop3-store-b
	ask($client, 'QUIT');
}
done_testing();

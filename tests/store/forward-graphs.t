#!/usr/bin/perl
# However accounts are forwarded to each other, mail is delivered where the rules say, each
# mailbox and each address of another host has it once, and there is no 250 without a
# delivery.  All ways in which three
# accounts can be forwarded (none; or to any of the three, or to nobody), and random ones of
# six with dead, foreign and other names; judged by a model of a few lines.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Queue;

my (%forward, $root);           # of the accounts; [ target, ... ]

# The model: adds to %$found what mail for an account leads to: mailbox, or address of
# another host, => the ways there, each "the forwarders, last one first".
sub expand {
	my ($account, $found, @way) = @_;
	my ($again) = grep { $way[$_] eq $account } 0 .. $#way;
	if (defined $again || !$forward{$account}) {
		my @before = defined $again ? @way[0 .. $again - 1] : @way;
		$found->{$account}{join ' ', reverse @before} = 1;
		return;
	}
	expand($_, $found, @way, $account) for grep { defined } map { account_of($_) } @{$forward{$account}};
}

# What account takes mail for an address, or the address of another host; nothing where
# none does.
sub account_of {
	my ($address) = @_;
	my ($local, $domain) = split /\@/, lc $address;
	return $address if $domain ne 'example.com';
	$local =~ s/\+.*//;
	return exists $forward{$local} ? $local : undef;
}

sub set_forwards {
	for my $account (keys %forward) {
		my $path = "$root/accounts/example.com/$account/forward";
		if (!$forward{$account}) {
			unlink $path;
			next;
		}
		open my $file, '>', $path or die "$path: $!\n";
		print $file map { "$_\n" } @{$forward{$account}};
		close $file or die "$path: $!\n";
	}
}

# Sends a message to these accounts, and compares with the model.  Returns what is wrong.
sub judge {
	my ($client, $is_lmtp, @recipients) = @_;
	my (%found, @accepted, @wrong);
	my $reply = $client->ask('MAIL FROM:<sender@client.example>');
	for my $recipient (@recipients) {
		my %of_this;
		expand($recipient, \%of_this);
		$reply = $client->ask("RCPT TO:<$recipient\@example.com>");
		push @wrong, "RCPT $recipient: $reply" unless $reply =~ (%of_this ? qr/^250 / : qr/^451 4\.3\.5 /);
		push @accepted, $recipient if %of_this;
		for my $mailbox (keys %of_this) {
			$found{$mailbox}{$_} = 1 for keys %{$of_this{$mailbox}};
		}
	}
	if (@accepted) {
		$client->ask('DATA');
		my $expected = $is_lmtp ? @accepted : 1;
		$client->send("Subject: x\r\n\r\ntext\r\n.\r\n");
		for (1 .. $expected) {
			$reply = $client->reply;
			push @wrong, "the end of the message: $reply" unless $reply =~ /^250 /;
		}
	} else {
		push @wrong, "DATA: $reply" unless ($reply = $client->ask('DATA')) =~ /^503 /;
		$client->ask('RSET');
	}
	push @wrong, judge_queue(%found);
	for my $account (keys %forward) {
		my @messages = messages($root, "$account\@example.com");
		my $ways = $found{$account};
		push @wrong, "$account has it " . @messages . ' times' unless @messages == ($ways ? 1 : 0);
		for my $path ($ways ? @messages : ()) {
			my $text = contents($path);
			push @wrong, judge_way($account, $text, $ways);
			my ($disk, $wire) = $path =~ /,S=(\d+),W=(\d+)\z/;
			push @wrong, "$account: wrong sizes" unless $disk == length $text && $wire == length crlf($text);
		}
		unlink @messages;
	}
	return @wrong;
}

# Whether a copy has come by one of these ways: in one's own name, where that is one of them.
sub judge_way {
	my ($who, $text, $ways) = @_;
	my $way = join ' ', $text =~ /^Delivered-To: (\w+)\@example\.com$/mg;
	my @allowed = $ways->{''} ? '' : sort keys %$ways;
	return () if grep { $_ eq $way } @allowed;
	return "$who has it by '$way', not by " . join ' or ', map { "'$_'" } @allowed;
}

# The same for what is queued, which is taken out.
sub judge_queue {
	my (%found) = @_;
	my (%queued, @wrong);
	for my $entry (queued($root)) {
		for my $address (map { $_->{path} } @{$entry->{to}}) {
			push @wrong, "$address is queued twice" if $queued{$address}++;
			push @wrong, $found{$address} ? judge_way($address, $entry->{message}, $found{$address}) :
			    "$address is queued";
		}
	}
	push @wrong, "$_ is not queued" for grep { /\@/ && !$queued{$_} } keys %found;
	empty_queue($root);
	return @wrong;
}

# Judges a case, and gives up after a few bad ones.
my $bad = 0;

sub show {
	my ($name, @wrong) = @_;
	return if !@wrong;
	diag("$name: ", (map { "$_ -> " . ($forward{$_} ? "(@{$forward{$_}})" : 'itself') . '; ' } sort keys %forward),
	    join ', ', @wrong);
	BAIL_OUT('too many are wrong') if ++$bad > 10;
}

sub server {
	my ($is_lmtp) = @_;
	my $client = start('smtp-stdio', $root, [ '-e', 100000, $is_lmtp ? '-l' : () ]);
	$client->reply;
	$client->ask($is_lmtp ? 'LHLO client.example' : 'EHLO client.example');
	return $client;
}

# Three accounts: nothing, or each set of them.  Names are all alike, so it is enough to
# send to the first, and to the first two.
my @three = ('a', 'b', 'c');
$root = new_root(map { "$_\@example.com" } @three);
my @targets = (undef, map { my $set = $_; [ map { "$three[$_]\@example.com" } grep { $set >> $_ & 1 } 0 .. 2 ] } 0 .. 7);
for my $is_lmtp (0, 1) {
	my $client = server($is_lmtp);
	my ($count, $before) = (0, $bad);
	for my $graph (0 .. 9 ** 3 - 1) {
		@forward{@three} = map { $targets[$graph / 9 ** $_ % 9] } 0 .. 2;
		set_forwards();
		# One recipient in SMTP, where one reply is all there is; two in LMTP
		show("graph $graph", judge($client, $is_lmtp, $is_lmtp ? ('a', 'b') : 'a'));
		$count++;
	}
	is($bad - $before, 0, "$count ways to forward three accounts, by " . ($is_lmtp ? 'LMTP' : 'SMTP')); ## smtp-stdio-forward
	$client->ask('QUIT');
	is($client->status, 0, 'the session ends well');
}

# Six accounts, at random, with all else that can stand in the files.
my @six = ('a' .. 'f');
%forward = ();
$root = new_root(map { "$_\@example.com" } @six);
my $seed = $ENV{SEED} || 20 + int rand 1e6;
srand $seed;
my @names = ((map { "$_\@example.com" } @six) x 2, 'nobody@example.com', 'a@elsewhere.example', 'b@other.example', 'B+tag@Example.COM');
for my $is_lmtp (0, 1) {
	my $client = server($is_lmtp);
	my $before = $bad;
	for my $round (1 .. 150) {
		for my $account (@six) {
			$forward{$account} = rand() < 0.4 ? undef : [ map { $names[rand @names] } 1 .. rand 4 ];
		}
		set_forwards();
		show("round $round", judge($client, $is_lmtp, map { $six[rand @six] } 0 .. rand 3));
	}
	is($bad - $before, 0, 'random ones of six, by ' . ($is_lmtp ? 'LMTP' : 'SMTP') . " (SEED=$seed)"); ## smtp-stdio-forward
	$client->ask('QUIT');
	is($client->status, 0, 'the session ends well');
}
is_deeply([ glob "$root/mail/.incoming/*" ], [], 'nothing is left over'); ## smtp-stdio-store-c
done_testing;

#!/usr/bin/perl
# A system call fails, or the program is killed, while a message and its copies are written
# and placed: in SMTP it is in all of the mailboxes or in none, as the reply says; in LMTP
# the same holds for each recipient.  The session goes on to the next message.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(crlf dot_stuffed messages program);
use Program;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

# To whom the mail of each recipient goes, and by which way.
my %leads = (
	bob => { bob => [], ann => ['bob'], far => ['bob', 'carl'] },
	dave => { dave => [] },
);
my @texts = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 3000 } 1, 2;

my $start = new_root();
add($start, "$_\@example.com") for qw(bob ann carl far dave);
put($start, 'accounts/example.com/bob/forward', "bob\@example.com\nann\@example.com\ncarl\@example.com\n");
put($start, 'accounts/example.com/carl/forward', "far\@example.com\n");
put($start, "mail/example.com/$_/new/.keep", '') for qw(bob ann far dave);

# Sends both messages to bob and dave.  Returns for each message the final replies.
sub send_both {
	my ($flag, $root, @before) = @_;
	my $client = Program->start(command => [ @before, program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org', @$flag ], limit => 60);
	my $say = sub {
		my ($octets) = @_;
		$client->send($octets) if length $octets;
		my $reply = eval { $client->reply };
		return defined $reply ? $reply : '';
	};
	my @final;
	my $going = $say->('') =~ /^220 / && $say->((@$flag ? 'LHLO' : 'EHLO') . " client.example\r\n") =~ /^250/;
	for my $text (@texts) {
		push @final, [];
		next unless $going;
		my @replies = map { $say->("$_\r\n") } 'MAIL FROM:<sender@client.example>', 'RCPT TO:<bob@example.com>', 'RCPT TO:<dave@example.com>';
		push @replies, $say->("DATA\r\n") unless grep { !/^2/ } @replies;
		if (my @refused = grep { !/^[23]/ } @replies) {
			$final[-1] = [ ($refused[0]) x 2 ];
			$say->("RSET\r\n");
			next;
		}
		my $first = $say->(dot_stuffed(crlf($text)) . ".\r\n");
		$final[-1] = [ $first, @$flag ? $say->('') : $first ];
	}
	$say->("QUIT\r\n");
	eval { $client->rest };
	eval { $client->status } if !$@;
	$client->stop;
	return \@final;
}

# What must hold: [ reply to bob, reply to dave ] for each message.
sub judge {
	my ($root, $name, $final) = @_;
	my @wrong;
	for my $number (0 .. $#texts) {
		my $reply_to = { bob => $final->[$number][0], dave => $final->[$number][1] };
		for my $recipient (sort keys %leads) {
			my $reply = $reply_to->{$recipient};
			$reply = '' unless defined $reply;
			my %has;
			for my $user (sort keys %{$leads{$recipient}}) {
				my $way = join '', map { "Delivered-To: $_\@example.com\n" } reverse @{$leads{$recipient}{$user}};
				my @found = grep { octets_of($_) =~ /\AReturn-Path: <sender\@client\.example>\n\Q$way\EReceived: (?:[^\n]*\n\t)*[^\n]*\n\Q$texts[$number]\E\z/ }
				    messages($root, "$user\@example.com");
				$has{$user} = @found;
			}
			my $all = join ' ', map { "$_=$has{$_}" } sort keys %has;
			my $good = $reply =~ /^2/ ? !grep({ $_ != 1 } values %has)
			    : $reply =~ /^[45]/ ? !grep({ $_ != 0 } values %has) : !grep({ $_ > 1 } values %has);
			push @wrong, "message $number, answered '$reply' for $recipient: $all" unless $good;
		}
	}
	my $files = grep { m{^mail/example\.com/\w+/new/[^.]} } entries($root);
	my $known = 0;
	for my $user (qw(bob ann far dave)) {
		for my $path (messages($root, "$user\@example.com")) {
			my $text = octets_of($path);
			my ($disk, $wire) = $path =~ m{/new/\d+\.[^/,:]+,S=(\d+),W=(\d+)\z};
			$known++ if defined $disk && $disk == length $text && $wire == length crlf($text);
		}
	}
	push @wrong, "$files messages, $known of them whole" if $files != $known;
	my @stale = grep { m{^mail/\.incoming/.} } entries($root);
	# A killed program cannot tidy up; one that may not unlink cannot either
	push @wrong, "left over: @stale" if @stale && $name !~ /KILL|unlink/;
	ok(!@wrong, 'all or nothing, as the replies said') or diag join "\n", @wrong;   ## smtp-5321-4.2.5-b smtp-stdio-forward
}

sub inject {
	my ($flag, $fault, $least, @calls) = @_;
	my $refused = 0;
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => $fault,
		session => sub { send_both($flag, @_) },
		judge => sub {
			my ($root, $name, $final) = @_;
			judge($root, $name, $final);
			$refused += grep { !/^2/ } map { @$_ } @$final;
		});
	cmp_ok($faults, '>', $least, "@$flag $fault: $faults faults");
	cmp_ok($refused, '>', $least / 2, "$refused replies were no 250") if $fault =~ /error/;
	return $refused;
}

inject([], 'error=EIO', 20, qw(fsync linkat));
inject([], 'error=ENOSPC', 10, qw(write));
inject(['-l'], 'error=EIO', 20, qw(fsync linkat unlinkat));
inject(['-l'], 'error=ENOSPC', 10, qw(write));
inject(['-l'], 'signal=KILL', 10, qw(linkat fsync));
inject([], 'signal=KILL', 10, qw(linkat fsync));
done_testing();

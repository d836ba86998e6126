# What has to be on a mail root after a power cut, by what was sent to the programs and
# what they answered; see PowerCut.
package PowerCutJudge;

use strict;
use warnings;
use FaultTest;
use MailRoot qw(contents crlf messages remove_directory);
use Queue;
use StoreTest;
use Test::More;

my $KEPT = 5;           # messages that stay in a mailbox between two cuts
my @NONE = ('none', '-', '-', '-');

# A mail root, users with the password `secret`, and the accounts that change.
sub new {
	my ($class, $root, $users, $managed) = @_;
	return bless { root => $root, users => $users, there => {}, accounts => { map { $_ => [ @NONE ] } @$managed } }, $class;
}

# The message with this id, which ends in its number of lines.
sub message_text {
	my ($id) = @_;
	my ($lines) = $id =~ /\.(\d+)\z/;
	return "Subject: $id\n\n" . "$id\n" x ($lines || 1);
}

# The id of a stored message; nothing where it is not whole.
sub whole_message {
	my ($stored) = @_;
	my ($id) = $stored =~ /^Subject: (\S+)$/m or return undef;
	return is_message($stored, message_text($id)) ? $id : undef;
}

# What must hold after these events, each [ whether before the cut, words ].  What
# is there is what there must be at the next time.
sub judge {
	my ($self, @events) = @_;
	my (%sent, %answered, %marked, %removed, %states, %changed, @wrong);
	for (@events) {
		my ($before, $what, @words) = @$_;
		my $first = shift @words;
		push @wrong, "$what $first @words" if $what eq 'wrong' || $what eq 'failed' && $before;
		$sent{$_}{$first} = 1 for $what eq 'sends' ? @words : ();
		$marked{$first}{$_} = 1 for $what eq 'marks' ? @words : ();
		push @{$states{$first}}, [ @words ] if $what eq 'changes';
		next unless $before;
		$answered{$_}{$first} = 1 for $what eq 'sent' ? @words : ();
		$removed{$first}{$_} = 1 for $what eq 'removed' ? @words : ();
		$states{$first} = [] if $what eq 'changed';
		$changed{$first} = $self->{accounts}{$first} = [ @words ] if $what eq 'changed';
	}
	ok(!@wrong, 'until the cut all was well') or diag join "\n", @wrong;
	$self->judge_mail(\%sent, \%answered, \%marked, \%removed);
	$self->judge_account($_, $changed{$_}, @{$states{$_} || []}) for sort keys %{$self->{accounts}};
}

sub judge_mail {
	my ($self, $sent, $answered, $marked, $removed) = @_;
	my (%found, @wrong);
	my @accounts = map { s{^(.*)/(.*)\z}{$2\@$1}r } grep { m{^[^./][^/]*/[^/]+\z} } entries("$self->{root}/mail");
	my %far = map { $_->{path} => 1 } map { @{$_->{to}} } queued($self->{root});
	for my $account (@accounts, sort keys %far) {
		for my $path (places($self->{root}, $account)) {
			my $stored = contents($path);
			my $id = whole_message($stored);
			push @wrong, "$path is no whole message" and next unless defined $id;
			my ($disk, $wire) = $path =~ m{/new/\d+\.[^/,:]+,S=(\d+),W=(\d+)\z};
			push @wrong, "$path has wrong sizes" unless $far{$account}
			    || defined $disk && $disk == length $stored && $wire == length crlf($stored);
			push @wrong, "$path is there twice" if $found{$account}{$id}++;
			push @wrong, "$path was sent to others" unless $self->{there}{$account}{$id} || $sent->{$account}{$id};
			push @wrong, "$path was removed" if $removed->{$account}{$id};
		}
	}
	for my $must ($self->{there}, $answered) {
		for my $account (sort keys %$must) {
			push @wrong, map { "$_ is missing in $account" }
			    grep { !$found{$account}{$_} && !$marked->{$account}{$_} } sort keys %{$must->{$account}};
		}
	}
	push @wrong, map { "there is no account $_" } grep { !$far{$_} && !-d account_directory($self->{root}, $_) } sort keys %$answered;
	my ($count, $gone) = map { my $by_account = $_; scalar map { keys %$_ } values %$by_account } $answered, $removed;
	ok(!@wrong, "$count messages that were taken are there once and whole, $gone removed ones are gone")
	    or diag join "\n", @wrong;         ## smtp-5321-4.2.5-a smtp-stdio-store-c pop3-1939-6-a pop3-1939-6-b
	$self->{there} = \%found;
}

sub account_directory {
	my ($root, $account) = @_;
	my ($local, $domain) = $account =~ /^(.*)@([^@]*)\z/;
	return "$root/accounts/$domain/$local";
}

# An account is as the last answer said (which is $changed where it came since the last cut),
# or as one of the changes after it wanted it to be.
sub judge_account {
	my ($self, $account, $changed, @unanswered) = @_;
	my @may = ($self->{accounts}{$account}, @unanswered);
	my $is = $self->state_of($account, map { $_->[1] } @may);
	my $good = grep { "@$_" eq "@$is" } @may;
	my $wrong = "it is @$is and may be " . join ' or ', map { "@$_" } @may;
	# One that was being removed may have lost its password, and is removed by asking again
	if (grep { $_->[0] eq 'none' } @unanswered) {
		$good ||= grep { "@$is" eq "there - @$_[2, 3]" } @may;
		my ($status, undef, $said) = mailstore($self->{root}, '', 'remove', '-f', $account);
		like($status, qr/^(?:0|67)\z/, "$account can be removed") or diag $said;
		$is = $self->state_of($account);
		is("@$is", "@NONE", 'and is not there then');
	}
	ok($good, "$account is as it was told to be") or diag $wrong;
	if ($changed && $changed->[0] eq 'none' && !@unanswered) {
		my ($local, $domain) = split /@/, $account;
		ok(!-e "$self->{root}/$_/$domain/$local", "and nothing is left of it in $_") for 'passwords', 'mail';
	}
	$self->{accounts}{$account} = $is;
}

# An account in four words; of its password can be said only which of these it is.
sub state_of {
	my ($self, $account, @passwords) = @_;
	return [ @NONE ] unless -d account_directory($self->{root}, $account);
	my ($password) = grep { $_ ne '-' && $self->logs_in($account, $_) } @passwords;
	my @settings = map {
		my ($status, $output, $said) = mailstore($self->{root}, '', $_, $account);
		diag "$_ $account: $status $said" if $status ne '0';
		join(' ', split ' ', $output) || '-';
	} 'forward', 'quota';
	return [ 'there', defined $password ? $password : '-', @settings ];
}

sub logs_in {
	my ($self, $account, $password) = @_;
	my ($output) = pop3_session($self->{root}, "USER $account\r\nPASS $password\r\nSTAT\r\nQUIT\r\n");
	return $output =~ /^\+OK \d+ \d+\r$/m;
}

# All programs work on what the cut has left, and few messages are kept.
sub all_works {
	my ($self) = @_;
	my @users = @{$self->{users}};
	my @wrong;
	for my $user (@users) {
		my $count = keys %{$self->{there}{$user}};
		my ($status, $output, $said) = mailstore($self->{root}, '', 'list', $user);
		push @wrong, "list $user: $status $said" if $status ne '0' || $count != ($output =~ tr/\n//);
		my $client = logged_in($self->{root}, $user, 'secret');
		my ($seen) = ask($client, 'STAT') =~ /^\+OK (\d+) /;
		push @wrong, "$user: POP3 sees $seen messages" if $seen != $count;
		for my $number (1 .. $count - $KEPT) {
			my $id = whole_message((lines($client, "RETR $number"))[1] =~ s/\r\n/\n/gr);
			push @wrong, "$user: message $number is not whole" unless defined $id && delete $self->{there}{$user}{$id};
			ask($client, "DELE $number");
		}
		push @wrong, "$user: QUIT fails" unless ask($client, 'QUIT') =~ /^\+OK/;
		$client->status;
	}
	my $id = 'calm-' . ++$self->{calm} . '.1';
	my @final = send_messages($self->{root}, [], \@users, message_text($id));
	push @wrong, "@final" unless $final[0] =~ /^250 /;
	$self->{there}{$_}{$id} = 1 for @users;
	ok(!@wrong, 'mailstore, POP3 and SMTP work') or diag join "\n", @wrong;

	# The accounts that -c made have done what they were for
	remove_directory($_) for glob "$self->{root}/{accounts,mail}/new*.example";
	delete $self->{there}{$_} for grep { /\@new\d+\.example\z/ } keys %{$self->{there}};
}

# What the cuts have left over is swept, and then the mail root is in order.  Accounts that
# were being made have what they need, and are made by asking again.
sub all_is_in_order {
	my ($self) = @_;
	for my $account (grep { $self->{accounts}{$_}[0] eq 'none' } sort keys %{$self->{accounts}}) {
		is((mailstore($self->{root}, '', 'add', '-n', $account))[0], 0, "$account can be added");
	}
	my ($status, $output, $said) = mailstore($self->{root}, '', 'check', '-r');
	is($status, 0, 'check -r can mend what is left: ' . ($output =~ tr/\n//) . ' lines') or diag $output, $said;
	unlike($output, qr{^mail/[^/]+/[^/]+/(?:new|cur)/}m, 'it finds nothing about a message');
	($status, $output) = mailstore($self->{root}, '', 'check');
	is($output, '', 'then it finds nothing at all');
	is($status, 0, 'and says so');
}

1;
